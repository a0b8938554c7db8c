import { describe, expect, it } from "vitest";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import { sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { DayIndex, IndexedDocument } from "../../../functions/core/ports/day-index.ts";
import type { MessageIndex } from "../../../functions/core/ports/message-index.ts";
import { aStoredMessage, later } from "../../support/builders.ts";
import { neighbours } from "./day-reader.ts";

/** An index to write and its days. */
export interface ComparableIndex {
  readonly index: MessageIndex;
  readonly days: DayIndex;
}

/** What every index that is compared day by day holds to. */
export function dayIndexSuite(name: string, { index, days }: ComparableIndex): void {
  describe(`DayIndex: ${name}`, () => {
    const DAY = "2026-10-31";
    const noon = `${DAY}T12:00:00.000Z`;
    const rowOf = (over: Partial<StoredMessage>): StoredMessage =>
      aStoredMessage({ timestamp: noon, ...over });

    const documents = async (shard: number, users: readonly string[]): Promise<IndexedDocument[]> => {
      await days.refresh();
      const found: IndexedDocument[] = [];
      for await (const document of days.documents(DAY, shard))
        if (users.includes(document.user_id)) found.push(document);
      return found;
    };

    it("gives a shard's documents in the order of UTF-8 bytes, then of time and id, and no other day's", async () => {
      const { users, shard } = neighbours();
      const [first = ""] = users;
      const times = [noon, later(1, noon), `${DAY}T00:00:00.000Z`, `${DAY}T23:59:59.999Z`];
      const rows = users
        .toReversed()
        .flatMap((user_id) =>
          times.map((timestamp, n) => rowOf({ user_id, message_id: `m${n}`, timestamp })),
        );
      await index.index([
        ...rows,
        rowOf({ user_id: first, message_id: "before", timestamp: later(-1, `${DAY}T00:00:00.000Z`) }),
        rowOf({ user_id: first, message_id: "after", timestamp: later(86_400_000, `${DAY}T00:00:00.000Z`) }),
      ]);
      const named = (row: { user_id: string }, sortKey: string) => `${users.indexOf(row.user_id)} ${sortKey}`;
      const found = await documents(shard, users);
      expect(found.map((document) => named(document, document.sort_key))).toEqual(
        rows.map((row) => named(row, sortKeyOf(row))).sort(),
      );
      expect(await documents((shard + 1) % 16, users)).toEqual([]);
    });

    it("says revision, generation and times, of deleted messages too", async () => {
      const { users, shard } = neighbours();
      const [user_id = ""] = users;
      const first_received_at = later(9, noon);
      await index.index([
        rowOf({ user_id, revision: 4, generation: 3, deleted: true, content: "", first_received_at }),
      ]);
      expect(await documents(shard, [user_id])).toMatchObject([
        { user_id, sort_key: `${noon}#m-1`, timestamp: noon, first_received_at, revision: 4, generation: 3 },
      ]);
    });

    it("removes exactly the documents it is given, and none that changed since", async () => {
      const { users, shard } = neighbours();
      const [gone = "", stays = "", changes = ""] = users;
      await index.index([gone, stays, changes].map((user_id) => rowOf({ user_id })));
      const read = await documents(shard, [gone, changes]);
      await index.index([rowOf({ user_id: changes, revision: 2 })]);
      expect((await days.remove(read)).map(({ status }) => status)).toEqual(["removed", "changed"]);
      const left = await documents(shard, users);
      expect(left.map(({ user_id, revision }) => [user_id, revision])).toEqual([
        [stays, 1],
        [changes, 2],
      ]);
      expect(await days.remove([])).toEqual([]);
    });

    it("pages to the end", async () => {
      const { users, shard } = neighbours();
      const [user_id = ""] = users;
      const rows = Array.from({ length: 2_100 }, (_, n) =>
        rowOf({ user_id, message_id: `m${n}`, timestamp: later(n % 7, noon) }),
      );
      await index.index(rows);
      const found = await documents(shard, [user_id]);
      expect(new Set(found.map(({ sort_key }) => sort_key)).size).toBe(2_100);
      expect(found).toHaveLength(2_100);
    });
  });
}
