import { expect, it } from "vitest";
import { dayAfter, dayBefore, daysFrom, isDay } from "../../../functions/core/domain/day.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { CacheRepair, IndexRepair } from "../../../functions/core/ports/repair-queue.ts";
import { replayDay } from "../../../functions/core/use-cases/replay-rows.ts";
import { aRoutedMessage, later, NOW } from "../../support/builders.ts";
import { createFakeDayReader } from "../../support/fakes/fake-day-reader.ts";
import { createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const keys = new KeyChain({ k1: "k".repeat(64) });
const DAY = NOW.slice(0, 10);

async function replay(user?: string) {
  const tables = new FakeTables(() => new Date(NOW));
  const users = ["web:ana", "web:ana2", "web:luis"];
  const messages = users.flatMap((user_id) =>
    Array.from({ length: 150 }, (_, n) =>
      aRoutedMessage({ user_id, message_id: `m${n}`, timestamp: later(n) }),
    ),
  );
  await createFakeMessageStore(tables).store([
    ...messages,
    aRoutedMessage({ user_id: "web:ana", message_id: "yesterday", timestamp: later(-86_400_000) }),
  ]);
  const indexed: IndexRepair[] = [];
  const dropped: CacheRepair[] = [];
  const seen: number[] = [];
  const replayed = await replayDay(
    DAY,
    user,
    {
      days: createFakeDayReader(tables),
      keys,
      repairs: {
        reindex: async (repairs) => void indexed.push(...repairs),
        refreshCache: async (repairs) => void dropped.push(...repairs),
      },
    },
    ({ rows }) => void seen.push(rows),
  );
  return { messages, replayed, indexed, dropped, seen };
}

it("asks for every row of the day once and for each person's context once, in bounded parts", async () => {
  const { messages, replayed, indexed, dropped, seen } = await replay();
  const names = (repairs: readonly IndexRepair[]) =>
    repairs.map((row) => `${row.user_id} ${row.sort_key}`).sort();
  expect(names(indexed)).toEqual(
    messages.map((message) => `${message.user_id} ${sortKeyOf(message)}`).sort(),
  );
  expect(dropped.map(({ user_id }) => user_id).sort()).toEqual(["web:ana", "web:ana2", "web:luis"]);
  for (const { user_id, tag } of [...indexed, ...dropped]) expect(tag).toBe(keys.tag(user_id));
  expect(replayed).toEqual({ rows: 450, people: 3 });
  expect(seen).toEqual([200, 400, 450]);
});

it("asks for one person's rows only", async () => {
  const { indexed, dropped } = await replay("web:ana");
  expect(indexed).toHaveLength(150);
  expect(dropped).toEqual([{ user_id: "web:ana", tag: keys.tag("web:ana") }]);
});

it("knows the days of the calendar", () => {
  expect(["2026-02-28", "2024-02-29", "2026-12-31"].every(isDay)).toBe(true);
  expect(["2026-02-30", "2025-02-29", "2026-13-01", "2026-1-1", "", "2026-11-20' OR '1"].some(isDay)).toBe(
    false,
  );
  expect(daysFrom("2026-02-27", "2026-03-01")).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
  expect(daysFrom("2026-03-01", "2026-02-27")).toEqual([]);
  expect([dayAfter("2026-12-31"), dayBefore(new Date("2026-01-01T00:00:00.000Z"), 1)]).toEqual([
    "2027-01-01",
    "2025-12-31",
  ]);
});
