import { beforeAll, describe, expect, it } from "vitest";
import { type RoutedMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { probesOf, Scene, type Stores } from "./scene.ts";

/** What every message store holds to. */
export function messageStoreSuite(name: string, open: () => Promise<Stores>): void {
  describe(`MessageStore: ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });

    const { statuses, rows, totals, rowOf } = probesOf(() => stores);

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
  });
}
