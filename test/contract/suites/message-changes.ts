import { beforeAll, describe, expect, it } from "vitest";
import type { RoutedMessage, StoredMessage } from "../../../functions/core/domain/message.ts";
import { aDeletionOf, anEditOf } from "../../support/builders.ts";
import { probesOf, Scene, type Stores } from "./scene.ts";

/** What every message store makes of edits, deletions, fences and analyses. */
export function messageChangesSuite(name: string, open: () => Promise<Stores>): void {
  describe(`MessageStore, changes: ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    const { statuses, rows, totals, rowOf } = probesOf(() => stores);
    const untilTaken = async (message: RoutedMessage): Promise<void> => {
      const [status] = await statuses([message]);
      if (status === "failed") await untilTaken(message);
    };

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

    it("keeps the latest of early edits that race, and what is said of a stored message in a race", async () => {
      await Promise.all(
        Array.from({ length: 12 }, async (_, index) => {
          const scene = new Scene();
          const message = scene.message();
          const edits = [1, 2, 3].map((n) =>
            anEditOf(message, { content: `edición ${n}`, timestamp: scene.at(n * 1000) }),
          );
          if (index % 2 === 0) await stores.store.store([message]);
          const racing = [edits[2], edits[0], edits[1]].flatMap((edit) => edit ?? []);
          await Promise.all(racing.map((edit) => untilTaken(edit)));
          await untilTaken(message);
          expect(await rowOf(message)).toMatchObject({ content: "edición 3", edited_at: scene.at(3000) });
        }),
      );
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
      // The record knows nothing of it; a deletion finds the row at its new revision.
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
