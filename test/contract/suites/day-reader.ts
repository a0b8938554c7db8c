import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type RowKey, sortKeyOf } from "../../../functions/core/domain/message.ts";
import { shardOf } from "../../../functions/core/domain/shard.ts";
import type { DayReader } from "../../../functions/core/ports/day-reader.ts";
import type { MessageStore } from "../../../functions/core/ports/message-store.ts";
import { aRoutedMessage, later } from "../../support/builders.ts";

/** A store to write rows to and its days. */
export interface ReadableDays {
  readonly store: MessageStore;
  readonly days: DayReader;
  /** The same days as a later moment sees them. */
  daysAt(moment: Date): DayReader;
}

/** Users of one shard whose order in UTF-8 differs from that of JavaScript's strings, and who begin alike. */
export function neighbours(): { readonly users: string[]; readonly shard: number } {
  const base = `web:${randomUUID()}`;
  const shard = shardOf(base);
  const inShard = (text: string): string => {
    for (let n = 0; ; n++) if (shardOf(`${base}${text}${n}`) === shard) return `${base}${text}${n}`;
  };
  return { users: [base, inShard(""), inShard("z"), inShard("\uff5e"), inShard("\u{1f642}")], shard };
}

/** What every reader of days holds to. */
export function dayReaderSuite(name: string, open: () => Promise<ReadableDays>): void {
  describe(`DayReader: ${name}`, () => {
    const today = new Date().toISOString().slice(0, 10);
    const noon = `${today}T12:00:00.000Z`;
    let stores: ReadableDays;
    beforeAll(async () => {
      stores = await open();
    });

    const found = async (rows: AsyncIterable<RowKey>, users: readonly string[]) => {
      const keys: string[] = [];
      for await (const { user_id, sort_key } of rows)
        if (users.includes(user_id)) keys.push(`${users.indexOf(user_id)} ${sort_key}`);
      return keys;
    };

    it("gives a shard's rows in the order of UTF-8 bytes, then of time and id, and no other day's", async () => {
      const { users, shard } = neighbours();
      const times = [later(0, noon), later(1, noon), `${today}T00:00:00.000Z`, `${today}T23:59:59.999Z`];
      const wanted = users
        .toReversed()
        .flatMap((user_id) =>
          times.map((timestamp, n) => aRoutedMessage({ user_id, message_id: `m${n}`, timestamp })),
        );
      const [first] = wanted;
      if (!first) throw new Error("no message");
      await stores.store.store([
        ...wanted,
        { ...first, message_id: "before", timestamp: later(-1, `${today}T00:00:00.000Z`) },
      ]);
      const expected = wanted
        .map((message) => `${users.indexOf(message.user_id)} ${sortKeyOf(message)}`)
        .sort();
      expect(await found(stores.days.rows(today, shard), users)).toEqual(expected);
      expect(await found(stores.days.rows(today, (shard + 1) % 16), users)).toEqual([]);
    });

    it("gives one person's rows, and not those of who begins alike", async () => {
      const { users } = neighbours();
      await stores.store.store(users.map((user_id) => aRoutedMessage({ user_id, timestamp: noon })));
      const [first = ""] = users;
      expect(await found(stores.days.rowsOf(today, first), users)).toEqual([`0 ${noon}#m-1`]);
    });

    it("says generation and revision, and leaves out what has expired", async () => {
      const { users, shard } = neighbours();
      const [user_id = ""] = users;
      await stores.store.store([aRoutedMessage({ user_id, timestamp: noon })]);
      const rows = [];
      for await (const row of stores.days.rowsOf(today, user_id)) rows.push(row);
      expect(rows).toEqual([{ user_id, sort_key: `${noon}#m-1`, generation: 1, revision: 1 }]);
      const inSixWeeks = stores.daysAt(new Date(Date.now() + 42 * 86_400_000));
      expect(await found(inSixWeeks.rows(today, shard), users)).toEqual([]);
    });
  });
}
