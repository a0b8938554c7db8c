import { randomInt } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { dayAfter } from "../../../functions/core/domain/day.ts";
import type { RoutedMessage, StoredMessage } from "../../../functions/core/domain/message.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import { aDeletionOf, anEditOf } from "../../support/builders.ts";
import { Scene, type Stores } from "./scene.ts";

/** Which writes tell the lake that a past day has changed. */
export function messageMarksSuite(name: string, open: () => Promise<Stores>): void {
  describe(`MessageStore, marks of past days: ${name}`, () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await open();
    });

    /** One person's message, a store whose present day is the message's, and one on the day after. */
    const aDay = () => {
      const scene = new Scene();
      // A day nobody else writes to: the tests share the tables.
      const day = new Date(Date.UTC(randomInt(2_300, 9_000), randomInt(12), 1 + randomInt(28)));
      const timestamp = `${day.toISOString().slice(0, 10)}T23:59:59.999Z`;
      const message = scene.message({ timestamp, first_received_at: timestamp });
      const nextDay = dayAfter(timestamp.slice(0, 10));
      const late = stores.storeAt(() => new Date(`${nextDay}T00:00:00.000Z`));
      const inTime = stores.storeAt(() => new Date(timestamp));
      const mark = (of = message) => stores.markOf(of.timestamp.slice(0, 10), shardOf(of.user_id));
      return { scene, message, late, inTime, mark, nextDay };
    };
    const statuses = async (store: Stores["store"], messages: readonly RoutedMessage[]) =>
      (await store.store(messages)).map(({ status }) => status);

    it("leaves the present day alone, also where it comes again", async () => {
      const { message, inTime, mark, scene } = aDay();
      const batch = [message, { ...message, message_id: "m-2" }, anEditOf(message)];
      expect(await statuses(inTime, batch)).toEqual(["stored", "stored", "stored"]);
      expect(await statuses(inTime, [message])).toEqual(["duplicate"]);
      const [row] = (await stores.reader.recent(scene.userId, 1, 1)) as [StoredMessage];
      await inTime.applyAnalyses([{ item: 0, tag: scene.tag, row, filled: { intent: "x" } }]);
      expect(await mark()).toBe(0);
    });

    it("marks the day of a late row once for a batch, and no other shard", async () => {
      const { message, late, mark, nextDay } = aDay();
      const today = { ...message, message_id: "m-3", timestamp: `${nextDay}T00:00:00.000Z` };
      const batch = [message, { ...message, message_id: "m-2" }, today];
      expect(await statuses(late, batch)).toEqual(["stored", "stored", "stored"]);
      expect(await mark()).toBe(1);
      expect(await mark(today)).toBe(0);
      const other = (shardOf(message.user_id) + 1) % 16;
      expect(await stores.markOf(message.timestamp.slice(0, 10), other)).toBe(0);
    });

    it("marks each day that a batch reaches back to", async () => {
      const { message, late, mark } = aDay();
      const before = new Date(Date.parse(message.timestamp) - 86_400_000).toISOString();
      const earlier = { ...message, message_id: "m-2", timestamp: before };
      expect(await statuses(late, [message, earlier])).toEqual(["stored", "stored"]);
      expect([await mark(), await mark(earlier)]).toEqual([1, 1]);
    });

    it("marks the message's day when it is edited, analysed or deleted after midnight", async () => {
      const { message, inTime, late, mark, scene, nextDay } = aDay();
      await inTime.store([message]);
      const later = { timestamp: `${nextDay}T00:00:01.000Z` };
      expect(await statuses(late, [anEditOf(message, later)])).toEqual(["stored"]);
      expect(await mark()).toBe(1);
      const [row] = (await stores.reader.recent(scene.userId, 1, 1)) as [StoredMessage];
      const update = { item: 0, tag: scene.tag, row, filled: { intent: "x" } };
      expect(await late.applyAnalyses([update])).toMatchObject([{ status: "analysed" }]);
      expect(await mark()).toBe(2);
      expect(await statuses(late, [aDeletionOf(message, later)])).toEqual(["stored"]);
      expect(await mark()).toBe(3);
    });

    it("marks nothing where nothing is written: duplicates, conflicts, what waits for its message", async () => {
      const { message, inTime, late, mark } = aDay();
      await inTime.store([message]);
      const refused = [message, { ...message, content: "otra", body_hash: "otra" }];
      expect(await statuses(late, refused)).toEqual(["duplicate", "conflict"]);
      expect(await statuses(late, [anEditOf({ ...message, message_id: "m-9" })])).toEqual(["pending"]);
      expect(await mark()).toBe(0);
    });

    it("marks the day that a waiting edit finds its message in", async () => {
      const { message, late, mark, nextDay } = aDay();
      await late.store([anEditOf(message, { timestamp: `${nextDay}T00:00:01.000Z` })]);
      expect(await statuses(late, [message])).toEqual(["stored"]);
      expect(await mark()).toBe(1);
    });
  });
}
