import { describe, expect, it } from "vitest";
import type { ContextMessage } from "../../../functions/core/ports/context-cache.ts";
import type { HeldContext } from "../../../functions/core/ports/context-inspector.ts";
import { compareContexts } from "../../../functions/core/use-cases/compare-contexts.ts";
import { aDeletionOf, anEditOf, aRoutedMessage, fixedClock, later, tagOf } from "../../support/builders.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const messages = ["m1", "m2", "m3"].map((message_id, index) =>
  aRoutedMessage({ message_id, timestamp: later(index * 1_000) }),
);
const [first, , third] = messages as [(typeof messages)[0], unknown, (typeof messages)[0]];
const { user_id } = first;
const tag = tagOf(user_id);
/** Long enough after the messages that none is under way. */
const AFTER = later(600_000);

/** Compares a context of these messages, newest first, with the rows of all. */
async function compare(
  held: HeldContext | undefined,
  { now = AFTER, prepare }: { now?: string; prepare?: (tables: FakeTables) => Promise<unknown> } = {},
) {
  const tables = new FakeTables(fixedClock());
  await createFakeMessageStore(tables).store(messages);
  await prepare?.(tables);
  const dropped: string[] = [];
  const comparison = await compareContexts([{ user_id, tag }], {
    inspector: { held: async () => [held] },
    cache: { invalidate: async (tags) => void dropped.push(...tags) },
    reader: createFakeMessageReader(tables),
    ledger: createFakeErasureLedger(tables),
    clock: fixedClock(now),
  });
  expect(dropped).toEqual(comparison.stale > 0 ? [tag] : []);
  return comparison;
}

const held = (served: readonly ContextMessage[], isWhole = true): HeldContext => ({
  messages: served,
  isWhole,
});
const asCached = (over: Partial<ContextMessage> = {}) =>
  messages.map((message): ContextMessage => ({ ...message, revision: 1, ...over })).reverse();
/** One of them, the newest is 0. */
const nth = (position: number): ContextMessage => {
  const message = asCached()[position];
  if (!message) throw new Error(`no message ${position}`);
  return message;
};

describe("a cached context", () => {
  it("that says what the rows say stays", async () => {
    expect(await compare(held(asCached()))).toEqual({ contexts: 1, stale: 0 });
    expect(await compare(held(asCached().slice(0, 2), false))).toEqual({ contexts: 1, stale: 0 });
  });

  it("that is not there costs no read", async () => {
    expect(await compare(undefined)).toEqual({ contexts: 0, stale: 0 });
  });

  it.each([
    ["serves a message that is no row", held([{ ...nth(0), message_id: "phantom" }, ...asCached()])],
    ["lacks the newest", held(asCached().slice(1))],
    ["lacks one in the middle", held([nth(0), nth(2)])],
    ["says that it is whole and lacks the oldest", held(asCached().slice(0, 2))],
    ["holds another revision", held(asCached({ revision: 2 }))],
  ])("that %s is dropped", async (_, context) => {
    expect(await compare(context)).toEqual({ contexts: 1, stale: 1 });
  });

  it("of an edited, a deleted or an erased message is dropped", async () => {
    for (const change of [anEditOf(first), aDeletionOf(third)]) {
      const prepare = (tables: FakeTables) => createFakeMessageStore(tables).store([change]);
      expect(await compare(held(asCached()), { prepare })).toEqual({ contexts: 1, stale: 1 });
    }
    const erased = async (tables: FakeTables) =>
      tables.fences.set(tag, { generation: 1, fenced_at: later(5_000) });
    expect(await compare(held(asCached()), { prepare: erased })).toEqual({ contexts: 1, stale: 1 });
  });

  it("is not judged by messages that are still between cache and row", async () => {
    const now = later(30_000);
    expect(await compare(held([{ ...nth(0), message_id: "coming" }, ...asCached()]), { now })).toEqual({
      contexts: 1,
      stale: 0,
    });
    expect(await compare(held(asCached().slice(1)), { now })).toEqual({ contexts: 1, stale: 0 });
  });
});
