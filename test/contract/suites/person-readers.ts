import { beforeAll, describe, expect, it } from "vitest";
import { compareShown, type RoutedMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { aDeletionOf, later } from "../../support/builders.ts";
import { Scene, type Stores } from "./scene.ts";

/** What every reader of rows, profiles, conversations and fences holds to. */
export function personReadersSuite(name: string, open: () => Promise<Stores>): void {
  describe(`MessageReader, ConversationReader, ProfileReader, ErasureLedger: ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });
    const storeAll = (messages: readonly RoutedMessage[]) => stores.store.store(messages);
    const keyOf = (message: RoutedMessage) => ({ user_id: message.user_id, sort_key: sortKeyOf(message) });
    const idsOf = (rows: readonly { readonly message_id: string }[]) =>
      rows.map(({ message_id }) => message_id);

    it("reads any number of rows by key and leaves out what is not there", async () => {
      const scene = new Scene();
      const batch = scene.messages(130);
      await storeAll(batch);
      const keys = [
        ...batch.map(keyOf),
        ...batch.slice(0, 5).map(keyOf),
        keyOf(scene.message({ message_id: "none" })),
      ];
      expect(idsOf(await stores.reader.byKeys(keys)).sort()).toEqual(idsOf(batch).sort());
      expect(await stores.reader.byKeys([])).toEqual([]);
    });

    it("leaves out rows that expired, though the engine still holds them", async () => {
      const scene = new Scene();
      const message = scene.message();
      await storeAll([message]);
      const now = new Date().toISOString();
      const before = stores.readerAt(() => new Date(later(29 * 86_400_000, now)));
      const after = stores.readerAt(() => new Date(later(31 * 86_400_000, now)));
      expect(await before.byKeys([keyOf(message)])).toHaveLength(1);
      expect(await before.recent(scene.userId, 1, 5)).toHaveLength(1);
      expect(await after.byKeys([keyOf(message)])).toEqual([]);
      expect(await after.recent(scene.userId, 1, 5)).toEqual([]);
    });

    it("reads the newest live rows in the order shown, across deletions and ties at the cut", async () => {
      const scene = new Scene();
      const tied = ["c", "a", "b"].map((message_id, index) =>
        scene.message({ message_id, first_received_at: scene.at(50 - index) }),
      );
      const deleted = scene.messages(40).map((message, index) => ({
        ...message,
        message_id: `d-${index}`,
        timestamp: scene.at(10_000 + index),
      }));
      const newest = scene.message({ message_id: "n", timestamp: scene.at(60_000) });
      await storeAll([...tied, ...deleted, newest]);
      await storeAll(deleted.map((message) => aDeletionOf(message, { timestamp: scene.at(90_000) })));
      expect(idsOf(await stores.reader.recent(scene.userId, 1, 2))).toEqual(["n", "c"]);
      expect(idsOf(await stores.reader.recent(scene.userId, 1, 9))).toEqual(["n", "c", "a", "b"]);
      const withDeleted = await stores.reader.recent(scene.userId, 1, 9, "included");
      expect(idsOf(withDeleted.filter((row) => !row.deleted))).toEqual(["n", "c", "a", "b"]);
      expect(withDeleted).toHaveLength(44);
      expect(withDeleted.toSorted((a, b) => compareShown(b, a))).toEqual(withDeleted);
      expect(await stores.reader.recent(scene.userId, 1, 1, "included")).toHaveLength(1);
      expect(await stores.reader.recent(scene.userId, 1, 0)).toEqual([]);
      expect(await stores.reader.recent(scene.userId, 2, 9)).toEqual([]);
    });

    it("lists conversations newest first, to the end or the limit, of this person and generation only", async () => {
      const scene = new Scene();
      const other = new Scene();
      const batch = scene
        .messages(12)
        .map((message, index) => ({ ...message, conversation_id: `c-${index}` }));
      await storeAll([...batch, other.message({ conversation_id: "c-3" })]);
      const newestFirst = Array.from({ length: 12 }, (_, index) => `c-${11 - index}`);
      const list = async (limit: number, generation = 1) =>
        (await stores.conversations.list(scene.userId, generation, limit)).map(
          (header) => header.conversation_id,
        );
      expect(await list(100)).toEqual(newestFirst);
      expect(await list(5)).toEqual(newestFirst.slice(0, 5));
      expect(await list(5, 2)).toEqual([]);
    });

    it("reads a conversation with its own messages in order, whatever else was said meanwhile", async () => {
      const scene = new Scene();
      const batch = scene.messages(9).map((message, index) => ({
        ...message,
        conversation_id: index % 2 === 0 ? "even" : "odd",
        session_id: `s-${index}`,
      }));
      await storeAll(batch.toReversed());
      const found = await stores.conversations.get(scene.userId, "odd", 1);
      expect(idsOf(found?.messages ?? [])).toEqual(["m-1", "m-3", "m-5", "m-7"]);
      expect(found?.conversation).toMatchObject({
        title: "Texto 1",
        created_at: scene.at(1000),
        updated_at: scene.at(7000),
        message_count: 4,
        channel: "whatsapp",
        bot_id: "oraculo",
      });
      expect(await stores.conversations.get(scene.userId, "odd", 2)).toBeUndefined();
      expect(await stores.conversations.get(new Scene().userId, "odd", 1)).toBeUndefined();
    });

    it("has no profile for a stranger or for an erased past", async () => {
      const scene = new Scene();
      expect(await stores.profiles.get(scene.userId, 1)).toBeUndefined();
      await storeAll([scene.message()]);
      expect(await stores.profiles.get(scene.userId, 1)).toMatchObject({
        user_id: scene.userId,
        generation: 1,
      });
      expect(await stores.profiles.get(scene.userId, 2)).toBeUndefined();
    });

    it("reads fences of any number of tags; one without a fence is absent", async () => {
      const scenes = Array.from({ length: 120 }, () => new Scene());
      const fence = { generation: 3, fenced_at: scenes[0]?.at(0) ?? "" };
      for (const { tag } of scenes.slice(0, 3)) await stores.fence(tag, fence);
      const fences = await stores.ledger.fences([...scenes, ...scenes].map(({ tag }) => tag));
      expect(fences).toEqual(new Map(scenes.slice(0, 3).map(({ tag }) => [tag, fence])));
    });
  });
}
