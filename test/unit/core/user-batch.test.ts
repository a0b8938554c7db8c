import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RoutedMessage, StoredMessage } from "../../../functions/core/domain/message.ts";
import { planUserBatch } from "../../../functions/core/domain/user-batch.ts";
import { aDeletionOf, anEditOf, aRoutedMessage, fixedClock, later, NOW } from "../../support/builders.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

/** Runs batches through the planner against tables that check every write's precondition. */
function run(batches: readonly (readonly RoutedMessage[])[], tables = new FakeTables(fixedClock())) {
  const outcomes = batches.map((events) => {
    const userId = events[0]?.user_id ?? "";
    const plan = planUserBatch(tables.stateOf(userId), events);
    tables.apply(plan);
    return plan.outcomes.map(({ status }) => status);
  });
  return { tables, outcomes: outcomes.flat() };
}

const user_id = aRoutedMessage().user_id;
const rowsIn = (tables: FakeTables): StoredMessage[] => tables.allRows(user_id);
const withoutRevision = (row: StoredMessage) => ({ ...row, revision: "any" });
const byId = (a: StoredMessage, b: StoredMessage) => (a.message_id < b.message_id ? -1 : 1);

/** A message with edits (some at the same time) and perhaps a deletion, ids and conversation given. */
const history = (messageId: string, second: number): fc.Arbitrary<RoutedMessage[]> =>
  fc
    .record({
      conversation: fc.constantFrom("c-1", "c-2"),
      role: fc.constantFrom("user" as const, "assistant" as const),
      escalation: fc.boolean(),
      content: fc.string({ maxLength: 8 }),
      edits: fc.array(
        fc.record({ at: fc.integer({ min: 0, max: 3 }), content: fc.string({ maxLength: 8 }) }),
        {
          maxLength: 3,
        },
      ),
      isDeleted: fc.boolean(),
      deletedAt: fc.integer({ min: 0, max: 3 }),
    })
    .map(({ conversation, role, escalation, content, edits, isDeleted, deletedAt }) => {
      const timestamp = later(second * 1000);
      const original = aRoutedMessage({
        message_id: messageId,
        conversation_id: conversation,
        role,
        escalation_triggered: escalation,
        content,
        timestamp,
        reply_to: "m-0",
      });
      return [
        original,
        ...edits.map((edit) =>
          anEditOf(original, {
            content: edit.content,
            timestamp: later(edit.at * 1000, timestamp),
            ...(edit.content.length % 2 === 0 && { extra: { version: edit.content } }),
          }),
        ),
        ...(isDeleted ? [aDeletionOf(original, { timestamp: later(deletedAt * 1000, timestamp) })] : []),
      ];
    });

/** Several histories, as they happened and as they came: shuffled, some twice, in batches of any size. */
const delivery = fc
  .tuple(history("m-1", 0), history("m-2", 0), history("m-3", 60))
  .map((histories) => histories.flat())
  .chain((inOrder) =>
    fc.record({
      inOrder: fc.constant(inOrder),
      repeats: fc.subarray(inOrder),
      order: fc.array(fc.nat(), { minLength: inOrder.length * 2, maxLength: inOrder.length * 2 }),
      cuts: fc.array(fc.boolean(), { minLength: inOrder.length * 2, maxLength: inOrder.length * 2 }),
    }),
  )
  .map(({ inOrder, repeats, order, cuts }) => {
    const delivered = [...inOrder, ...repeats]
      .map((event, index) => ({ event, rank: order[index] ?? 0 }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ event }) => event);
    const batches: RoutedMessage[][] = [];
    for (const [index, event] of delivered.entries()) {
      if (index === 0 || cuts[index]) batches.push([]);
      batches.at(-1)?.push(event);
    }
    return { inOrder, batches };
  });

describe("planUserBatch", () => {
  it("ends in the same rows, headers and counters for any order, any repetition and any batching", () => {
    fc.assert(
      fc.property(delivery, ({ inOrder, batches }) => {
        const expected = run(inOrder.map((event) => [event])).tables;
        const { tables } = run(batches);
        expect(rowsIn(tables).sort(byId).map(withoutRevision)).toEqual(
          rowsIn(expected).sort(byId).map(withoutRevision),
        );
        expect(headersOf(tables)).toEqual(headersOf(expected));
        const { interaction_history, total_conversations, last_interaction } = profileOf(tables);
        expect({ interaction_history, total_conversations, last_interaction }).toEqual({
          interaction_history: profileOf(expected).interaction_history,
          total_conversations: headersOf(expected).length,
          last_interaction: rowsIn(expected)
            .map(({ timestamp }) => timestamp)
            .sort()
            .at(-1),
        });
        expect(interaction_history.total_messages).toBe(3);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps record and row at one revision, which only grows, and writes every item once", () => {
    fc.assert(
      fc.property(delivery, ({ batches }) => {
        const tables = new FakeTables(fixedClock());
        const revisions = new Map<string, number>();
        for (const events of batches) {
          const plan = planUserBatch(tables.stateOf(user_id), events);
          const names = plan.rows.map(({ next }) => next.message_id);
          expect(new Set(names).size).toBe(names.length);
          tables.apply(plan);
          for (const { next } of plan.rows) {
            expect(next.revision).toBeGreaterThan(revisions.get(next.message_id) ?? 0);
            expect(tables.recordOf(user_id, next.message_id)?.revision).toBe(next.revision);
            revisions.set(next.message_id, next.revision);
          }
        }
      }),
    );
  });

  it("folds a message and its edit in one batch into one write at revision 2", () => {
    const message = aRoutedMessage();
    const plan = planUserBatch(new FakeTables(fixedClock()).stateOf(user_id), [message, anEditOf(message)]);
    expect(plan.rows).toHaveLength(1);
    expect(plan.rows[0]?.next).toMatchObject({
      content: "Perdón: la de la calle Menor.",
      revision: 2,
      edited_at: later(1000),
      timestamp: NOW,
    });
    expect(plan.outcomes.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it("tells duplicate, conflict, superseded and pending apart", () => {
    const message = aRoutedMessage();
    const early = anEditOf(message, { timestamp: later(1000), content: "uno" });
    const late = anEditOf(message, { timestamp: later(2000), content: "dos" });
    const { outcomes } = run([
      [early],
      [early],
      [message],
      [{ ...message, timestamp: later(5) }],
      [aRoutedMessage({ content: "otra cosa" })],
      [late],
      [early],
      [late],
      [aDeletionOf(message)],
      [aDeletionOf(message)],
      [anEditOf(message, { timestamp: later(9000) })],
    ]);
    expect(outcomes).toEqual([
      "pending",
      "duplicate",
      "stored",
      "duplicate",
      "conflict",
      "stored",
      "superseded",
      "duplicate",
      "stored",
      "duplicate",
      "superseded",
    ]);
  });

  it("lets the higher hash win between edits of one moment", () => {
    const message = aRoutedMessage();
    const low = anEditOf(message, { content: "low", body_hash: "a" });
    const high = anEditOf(message, { content: "high", body_hash: "b" });
    expect(run([[message], [low], [high]]).outcomes).toEqual(["stored", "stored", "stored"]);
    expect(run([[message], [high], [low]]).outcomes).toEqual(["stored", "stored", "superseded"]);
  });

  it("leaves nothing that was said in a deleted row, its record or the title", () => {
    const secret = "CANARIO";
    const message = aRoutedMessage({
      content: secret,
      metadata: { intent: secret },
      extra: { note: secret },
      media: { caption: secret },
      tool_calls: [{ tool: "t", args: secret }],
      reply_to: secret,
      platform_message_id: secret,
    });
    const edit = anEditOf(message, { content: `${secret} 2` });
    const orders = [
      [message, edit, aDeletionOf(message)],
      [edit, aDeletionOf(message), message],
      [aDeletionOf(message, { content: secret }), message, edit],
    ];
    for (const order of orders) {
      const { tables } = run(order.map((event) => [event]));
      const held = JSON.stringify([
        ...tables.stateOf(user_id).rows.values(),
        headersOf(tables),
        recordIn(tables),
      ]);
      expect(held).not.toContain(secret);
      expect(rowsIn(tables)[0]).toMatchObject({ deleted: true, content: "", role: "user", timestamp: NOW });
    }
  });

  it("brings an expired row back above what search and lake can hold of it, analyses too", () => {
    const message = aRoutedMessage();
    const { tables } = run([[message]]);
    const state = { ...tables.stateOf(user_id), rows: new Map() };
    const plan = planUserBatch(state, [aDeletionOf(message)]);
    expect(plan.rows).toEqual([
      { next: expect.objectContaining({ revision: 6, deleted: true, timestamp: NOW }) },
    ]);
  });

  it("brings an expired row back as the message it was, whatever the change says of it", () => {
    const message = aRoutedMessage({
      role: "assistant",
      message_type: "image",
      session_id: "s-9",
      position: 3,
      escalation_triggered: true,
    });
    const { bot_id, channel, role, message_type, session_id, position, escalation_triggered } = message;
    const { tables } = run([[message]]);
    const state = { ...tables.stateOf(user_id), rows: new Map() };
    // What the contract fills in where an edit or a deletion says no more than its message's id.
    const bare = {
      bot_id: "default",
      role: "user",
      message_type: "text",
      session_id: "-",
      conversation_id: "-",
      position: 0,
      escalation_triggered: false,
    } as const;
    for (const change of [aDeletionOf(message, bare), anEditOf(message, bare)]) {
      expect(planUserBatch(state, [change]).rows[0]?.next).toMatchObject({
        ...{ bot_id, channel, role, message_type, session_id, position, escalation_triggered },
        conversation_id: message.conversation_id,
      });
    }
  });

  it("starts anew over what an erased generation left, and gives way to a later one", () => {
    const { tables } = run([[aRoutedMessage()]]);
    tables.fences.set(aRoutedMessage().tag, { generation: 1, fenced_at: NOW });
    const returned = aRoutedMessage({ generation: 2, content: "He vuelto" });
    expect(run([[returned]], tables).outcomes).toEqual(["stored"]);
    expect(profileOf(tables)).toMatchObject({ generation: 2, interaction_history: { total_messages: 1 } });
    expect(run([[aRoutedMessage({ message_id: "m-9" })]], tables).outcomes).toEqual(["stale-generation"]);
    expect(rowsIn(tables)).toHaveLength(1);
  });

  it("routes the older generation again when a batch holds two", () => {
    const [older, newer] = [aRoutedMessage(), aRoutedMessage({ message_id: "m-2", generation: 2 })];
    const { tables, outcomes } = run([[older, newer]]);
    expect(outcomes).toEqual(["stale-generation", "stored"]);
    expect(rowsIn(tables).map(({ message_id }) => message_id)).toEqual(["m-2"]);
  });

  it("titles a conversation by the first line of the person's earliest text, 80 characters at most", () => {
    const answer = aRoutedMessage({ message_id: "a", role: "assistant", content: "Hola" });
    const second = aRoutedMessage({ message_id: "b", timestamp: later(2000), content: "Segunda" });
    const first = aRoutedMessage({
      message_id: "c",
      timestamp: later(1000),
      content: `\n${"🙂".repeat(90)}\nx`,
    });
    const { tables } = run([[answer], [second], [first]]);
    expect(headersOf(tables)[0]?.title).toBe("🙂".repeat(80));
  });
});

const headersOf = (tables: FakeTables) =>
  tables
    .conversationsOf(user_id)
    .map(({ version: _, ...header }) => header)
    .sort((a, b) => (a.conversation_id < b.conversation_id ? -1 : 1));

const recordIn = (tables: FakeTables) => tables.recordOf(user_id, "m-1");

function profileOf(tables: FakeTables) {
  const profile = tables.profileOf(user_id);
  if (!profile) throw new Error("no profile");
  return profile;
}
