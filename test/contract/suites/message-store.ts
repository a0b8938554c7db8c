import { beforeAll, describe, expect, it } from "vitest";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { aDeletionOf, anEditOf } from "../../support/builders.ts";
import { Scene, type Stores } from "./scene.ts";

/** What every message store holds to. */
export function messageStoreSuite(name: string, open: () => Promise<Stores>): void {
  describe(`MessageStore: ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });

    const statuses = async (messages: readonly RoutedMessage[]): Promise<string[]> =>
      (await stores.store.store(messages)).map(({ status }) => status);
    const rows = (scene: Scene, generation = 1): Promise<StoredMessage[]> =>
      stores.reader.recent(scene.userId, generation, 1_000);
    const totals = async (scene: Scene) => {
      const profile = await stores.profiles.get(scene.userId, 1);
      return {
        messages: profile?.interaction_history.total_messages,
        conversations: profile?.total_conversations,
      };
    };
    const rowOf = async (message: RoutedMessage): Promise<StoredMessage | undefined> =>
      (await stores.reader.byKeys([{ user_id: message.user_id, sort_key: sortKeyOf(message) }]))[0];

    it("stores a message as it came and answers with its row", async () => {
      const scene = new Scene();
      const message = scene.message({ metadata: { language: "es", sentiment: "positive" }, position: 3 });
      const outcomes = await stores.store.store([message]);
      expect(outcomes).toEqual([{ item: 0, status: "stored", sort_key: sortKeyOf(message), revision: 1 }]);
      const { tag: _tag, body_hash: _hash, ...fields } = message;
      expect(await rows(scene)).toEqual([{ ...fields, revision: 1, deleted: false }]);
      expect(await stores.profiles.get(scene.userId, 1)).toMatchObject({
        created_date: scene.start,
        last_interaction: scene.start,
        total_conversations: 1,
        preferred_language: "es",
        interaction_history: {
          total_messages: 1,
          escalations_count: 0,
          satisfaction_scores: [],
          common_topics: [],
        },
      });
    });

    it("brings every value back exactly", async () => {
      const scene = new Scene();
      const odd = {
        empty: "",
        nul: "a\u0000b",
        emoji: "👩‍👩‍👧‍👦 ñ ￿",
        bom: "\uFEFFx",
        numbers: [0, 1e-7, 1.1, 5e-324, 1e300, -(2 ** 53) + 1, 0.1 + 0.2],
        nested: [{ a: [null, true, { b: {} }] }, []],
        // A key that assigning would lose.
        ["__proto__"]: { x: 1 },
      };
      const message = scene.message({
        content: "línea 1\n\u0000 «¿qué?» 🙂",
        metadata: { sentiment_score: -1e-7, language: "es-MX", odd },
        tool_calls: [{ tool: "buscar", args: odd, result: [odd] }],
        media: { odd },
        extra: odd,
        confidence_score: 5e-324,
        processing_time_ms: 0,
        tokens_used: 2 ** 53 - 1,
        ai_model_used: "claude",
        reply_to: "m-0",
        platform_message_id: "wamid.HBgL",
        escalation_triggered: true,
      });
      await stores.store.store([message]);
      const { tag: _tag, body_hash: _hash, ...fields } = message;
      const row = await rowOf(message);
      expect(row).toEqual({ ...fields, revision: 1, deleted: false });
      expect(JSON.stringify(row?.extra)).toBe(JSON.stringify(message.extra));
    });

    it("stores once what comes again: in one batch, later, concurrently, under another timestamp", async () => {
      const scene = new Scene();
      const message = scene.message();
      expect(await statuses([message, message])).toEqual(["stored", "duplicate"]);
      const copies = Array.from({ length: 5 }, (_, index) => ({
        ...message,
        timestamp: scene.at(index * 7),
      }));
      const again = (await Promise.all(copies.map((copy) => stores.store.store([copy])))).flat();
      for (const outcome of again) {
        expect(outcome).toEqual({ item: 0, status: "duplicate", sort_key: sortKeyOf(message), revision: 1 });
      }
      expect(await rows(scene)).toHaveLength(1);
      expect(await totals(scene)).toEqual({ messages: 1, conversations: 1 });
    });

    it("stores a batch once that is delivered twice at the same time", async () => {
      const scene = new Scene();
      const batch = scene.messages(10);
      const both = await Promise.all([stores.store.store(batch), stores.store.store(batch)]);
      const lost = both.flat().filter(({ status }) => !["stored", "duplicate"].includes(status));
      expect(lost).toEqual([]);
      expect(both.flat().filter(({ status }) => status === "stored")).toHaveLength(10);
      expect(await rows(scene)).toHaveLength(10);
      expect(await totals(scene)).toEqual({ messages: 10, conversations: 1 });
    });

    it("loses and doubles nothing when one person's batches race, once what failed is sent again", async () => {
      const scene = new Scene();
      const all = scene.messages(30);
      const send = async (batch: readonly RoutedMessage[]): Promise<void> => {
        let open = batch;
        for (let round = 0; open.length > 0 && round < 10; round += 1) {
          const outcomes = await stores.store.store(open);
          open = open.filter((_, index) => outcomes[index]?.status === "failed");
        }
        expect(open).toEqual([]);
      };
      await Promise.all([0, 6, 12, 18].map((start) => send(all.slice(start, start + 12))));
      expect(await rows(scene)).toHaveLength(30);
      expect(await totals(scene)).toEqual({ messages: 30, conversations: 1 });
    });

    it("keeps two messages of one millisecond", async () => {
      const scene = new Scene();
      expect(await statuses([scene.message(), scene.message({ message_id: "m-2" })])).toEqual([
        "stored",
        "stored",
      ]);
      expect(await rows(scene)).toHaveLength(2);
    });

    it("refuses another body under the same id", async () => {
      const scene = new Scene();
      const message = scene.message();
      const other = scene.message({ content: "Otra cosa" });
      expect(await statuses([message])).toEqual(["stored"]);
      expect(await statuses([other, scene.message({ message_id: "m-2" })])).toEqual(["conflict", "stored"]);
      expect((await rowOf(message))?.content).toBe(message.content);
      expect(await totals(scene)).toEqual({ messages: 2, conversations: 1 });
    });

    it("ends in the same row for every order of a message, two edits and a deletion", async () => {
      const shapes = [true, false].map((isDeleted) => {
        const events = (scene: Scene) => {
          const message = scene.message();
          const edits = [1, 2].map((n) =>
            anEditOf(message, { content: `edición ${n}`, timestamp: scene.at(n * 1000) }),
          );
          return [
            message,
            ...edits,
            ...(isDeleted ? [aDeletionOf(message, { timestamp: scene.at(1500) })] : []),
          ];
        };
        return { events, content: isDeleted ? "" : "edición 2", isDeleted };
      });
      for (const { events, content, isDeleted } of shapes) {
        const size = events(new Scene()).length;
        await Promise.all(
          permutations([...Array(size).keys()]).map(async (order, index) => {
            const scene = new Scene();
            const inOrder = events(scene);
            const delivered = order.flatMap((position) => inOrder[position] ?? []);
            const cut = index % size;
            for (const batch of [delivered.slice(0, cut), delivered.slice(cut), delivered]) {
              await stores.store.store(batch);
            }
            const row = await rowOf(scene.message());
            expect(row).toMatchObject({ content, deleted: isDeleted, timestamp: scene.start });
            expect(row?.edited_at).toBe(isDeleted ? undefined : scene.at(2000));
            expect(await totals(scene)).toEqual({ messages: 1, conversations: 1 });
          }),
        );
      }
    });

    it("keeps a deleted message out of what people see, and its text out of the title", async () => {
      const scene = new Scene();
      const message = scene.message({ content: "Secreto\nsegunda línea" });
      await stores.store.store([message]);
      const before = await stores.conversations.get(scene.userId, message.conversation_id, 1);
      expect(before?.conversation.title).toBe("Secreto");
      expect(await statuses([aDeletionOf(message)])).toEqual(["stored"]);
      expect(await rows(scene)).toEqual([]);
      const after = await stores.conversations.get(scene.userId, message.conversation_id, 1);
      expect(after).toMatchObject({ conversation: { title: "", message_count: 1 }, messages: [] });
    });

    it("answers each message of a mixed batch at its place", async () => {
      const people = [new Scene(), new Scene(), new Scene()];
      const batch = [0, 1, 2, 0, 1, 2].map((person, index) =>
        (people[person] as Scene).message({ message_id: `m-${index}` }),
      );
      const outcomes = await stores.store.store(batch);
      expect(outcomes.map(({ item }) => item)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(outcomes.map(({ sort_key }) => sort_key)).toEqual(batch.map(sortKeyOf));
      for (const scene of people) expect(await totals(scene)).toEqual({ messages: 2, conversations: 1 });
    });

    it("stores a hundred messages of one person and counts them exactly", async () => {
      const scene = new Scene();
      const batch = scene.messages(100).map((message, index) => ({
        ...message,
        conversation_id: `c-${index % 7}`,
        escalation_triggered: index % 10 === 0,
      }));
      expect(new Set(await statuses(batch))).toEqual(new Set(["stored"]));
      expect(await rows(scene)).toHaveLength(100);
      expect(await totals(scene)).toEqual({ messages: 100, conversations: 7 });
      const profile = await stores.profiles.get(scene.userId, 1);
      expect(profile?.interaction_history.escalations_count).toBe(10);
      const headers = await stores.conversations.list(scene.userId, 1, 100);
      expect(headers.reduce((sum, { message_count }) => sum + message_count, 0)).toBe(100);
    });

    it("writes nothing once the ledger has moved, and starts anew in the next generation", async () => {
      const scene = new Scene();
      const [first, second] = scene.messages(2) as [RoutedMessage, RoutedMessage];
      await stores.store.store([first]);
      await stores.fence(scene.tag, { generation: 1, fenced_at: scene.at(500) });
      expect(await statuses([second])).toEqual(["stale-generation"]);
      expect(await statuses([first])).toEqual(["stale-generation"]);
      expect(await rows(scene)).toHaveLength(1);
      expect(await statuses([{ ...second, generation: 2 }])).toEqual(["stored"]);
      expect(await statuses([{ ...first, generation: 2 }])).toEqual(["stored"]);
      expect(await rows(scene, 2)).toHaveLength(2);
      const profile = await stores.profiles.get(scene.userId, 2);
      expect(profile).toMatchObject({ generation: 2, interaction_history: { total_messages: 2 } });
    });

    it("writes an analysis onto the revision that was analysed, and only there", async () => {
      const scene = new Scene();
      const [first, second] = scene.messages(2, { metadata: { intent: "horario" } }) as [
        RoutedMessage,
        RoutedMessage,
      ];
      await stores.store.store([first, second]);
      const [newer, older] = (await rows(scene)) as [StoredMessage, StoredMessage];
      await stores.store.store([anEditOf(second)]);
      const filled = { sentiment: "neutral", language: "es", intent: "otra" } as const;
      const outcomes = await stores.store.applyAnalyses([
        { item: 4, tag: scene.tag, row: newer, filled },
        { item: 2, tag: scene.tag, row: older, filled },
        { item: 9, tag: scene.tag, row: older, filled: { intent: "otra" } },
        { item: 1, tag: scene.tag, row: older, filled: { sentiment: "mixed" } },
      ]);
      expect(outcomes.map(({ item, status }) => [item, status])).toEqual([
        [4, "lost"],
        [2, "analysed"],
        [9, "skipped"],
        [1, "lost"],
      ]);
      const row = await rowOf(first);
      expect(row?.revision).toBe(2);
      expect(row?.metadata).toEqual({ sentiment: "neutral", language: "es", intent: "horario" });
      // Record and row stay in step: a deletion finds the new revision.
      expect(await stores.store.store([aDeletionOf(first)])).toMatchObject([
        { status: "stored", revision: 3 },
      ]);
    });

    it("loses an analysis of an erased generation", async () => {
      const scene = new Scene();
      await stores.store.store([scene.message()]);
      const [row] = (await rows(scene)) as [StoredMessage];
      await stores.fence(scene.tag, { generation: 1, fenced_at: scene.at(500) });
      const update = { item: 0, tag: scene.tag, row, filled: { intent: "x" } };
      expect(await stores.store.applyAnalyses([update])).toEqual([{ item: 0, status: "lost" }]);
      expect((await rows(scene))[0]?.metadata).toEqual({});
    });
  });
}

const permutations = <T>(items: readonly T[]): T[][] =>
  items.length <= 1
    ? [[...items]]
    : items.flatMap((item, index) =>
        permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
      );
