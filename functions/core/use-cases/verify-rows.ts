import type { Clock } from "../domain/clock.ts";
import { canonicalText, LakeRowsHash } from "../domain/lake-hash.ts";
import { compareLakeKeys, compareStates, type LakeKey } from "../domain/lake-order.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import { lakeRowOf } from "../domain/lake-row-of.ts";
import { type RowKey, sortKeyOf } from "../domain/message.ts";
import { mayHaveExpired } from "../domain/retention.ts";
import { shardOf } from "../domain/shard.ts";
import type { LakeObjects, LakeVersion } from "../ports/lake-objects.ts";
import type { LakePeople, LakePerson } from "../ports/lake-people.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";
import type { LakeRowTable } from "../ports/lake-row-source.ts";
import { type FenceDeps, FenceFilter } from "./export-fence.ts";
import { inPages } from "./merge-pages.ts";
import { mergeSorted } from "./merge-sorted.ts";
import type { DifferenceKind, Differences } from "./verify-differences.ts";

/** What one read of rows and one look-up of people take. */
const AT_ONCE = 100;

export interface RowComparisonDeps extends FenceDeps {
  readonly rows: LakeRowTable;
  readonly objects: Pick<LakeObjects, "open">;
  readonly files: Pick<LakeRowFiles, "read">;
  readonly people: LakePeople;
  readonly clock: Clock;
}

/** A key of the table, of the lake, or of both. */
interface Entry extends LakeKey {
  readonly lakeRow?: LakeRow;
}

/** An object of the lake to compare with its part of the table. */
interface Place {
  readonly day: string;
  readonly key: string;
  readonly shards: readonly number[];
}

/** Compares one object's rows with the table's, key by key, a hundred at a time. */
export async function compareRows(
  place: Place,
  version: LakeVersion | undefined,
  differences: Differences,
  deps: RowComparisonDeps,
): Promise<{ readonly rows: number; readonly lakeRows: number; readonly contentHash: string }> {
  const hash = new LakeRowsHash();
  const lake = version
    ? [inPages(lakeEntries(deps.files.read(deps.objects.open(place.key, version)), place, hash, differences))]
    : [];
  const table = place.shards.map((shard) => tableEntries(deps.rows.keys(place.day, shard)));
  const fences = new FenceFilter(deps);
  let rows = 0;
  let window: Entry[] = [];
  const compare = async (): Promise<void> => {
    rows += await compareWindow(window, fences, differences, deps);
    await lookUpPeople(place.key, window, differences, deps);
    window = [];
  };
  for await (const page of mergeSorted<Entry>([...lake, ...table], compareLakeKeys)) {
    for (const { item } of page) {
      const last = window.at(-1);
      // Of one key the lake's entry comes first.
      if (last && item.lakeRow === undefined && compareLakeKeys(last, item) === 0) continue;
      if (window.length === AT_ONCE) await compare();
      window.push(item);
    }
  }
  if (window.length > 0) await compare();
  return { rows, lakeRows: hash.rows, contentHash: hash.digest() };
}

/** The object's rows, each told to the hash and looked at for its place. */
async function* lakeEntries(
  rows: AsyncIterable<LakeRow>,
  { day, shards }: Place,
  hash: LakeRowsHash,
  differences: Differences,
): AsyncGenerator<Entry> {
  let last: LakeRow | undefined;
  for await (const row of rows) {
    hash.add(row);
    const { user_id, timestamp, message_id } = row;
    if (last && compareLakeKeys(last, row) >= 0) differences.add("unordered", message_id);
    if (!new Date(timestamp).toISOString().startsWith(day) || !shards.includes(shardOf(user_id))) {
      differences.add("misplaced", message_id);
    }
    last = row;
    yield { user_id, timestamp, message_id, lakeRow: row };
  }
}

async function* tableEntries(pages: AsyncIterable<readonly RowKey[]>): AsyncGenerator<Entry[]> {
  for await (const keys of pages) yield keys.map(entryOf);
}

/** `<ISO time>#<message id>` taken apart. */
function entryOf({ user_id, sort_key }: RowKey): Entry {
  const end = sort_key.indexOf("#");
  return { user_id, timestamp: Date.parse(sort_key.slice(0, end)), message_id: sort_key.slice(end + 1) };
}

const rowKeyOf = ({ user_id, timestamp, message_id }: LakeKey): RowKey => ({
  user_id,
  sort_key: sortKeyOf({ timestamp: new Date(timestamp).toISOString(), message_id }),
});

const nameOf = ({ user_id, timestamp, message_id }: LakeKey): string =>
  JSON.stringify([user_id, timestamp, message_id]);

/** @returns how many of them the table has */
async function compareWindow(
  window: readonly Entry[],
  fences: FenceFilter,
  differences: Differences,
  { rows, clock }: Pick<RowComparisonDeps, "rows" | "clock">,
): Promise<number> {
  const found = (await rows.byKeys(window.map(rowKeyOf))).map(lakeRowOf);
  const table = new Map(found.map((row) => [nameOf(row), row]));
  const pairs = window.map((entry) => ({ lakeRow: entry.lakeRow, tableRow: table.get(nameOf(entry)) }));
  const held = pairs.flatMap(({ lakeRow, tableRow }) => [lakeRow ?? [], tableRow ?? []].flat());
  const isLive = await fences.isLive(held);
  const live = new Set(held.filter((_, index) => isLive[index]));
  for (const [index, { lakeRow, tableRow }] of pairs.entries()) {
    const kind = differenceOf(lakeRow, tableRow, live, clock());
    if (kind) differences.add(kind, window[index]?.message_id ?? "");
  }
  return found.length;
}

function differenceOf(
  lakeRow: LakeRow | undefined,
  tableRow: LakeRow | undefined,
  live: ReadonlySet<LakeRow>,
  now: Date,
): DifferenceKind | undefined {
  if (lakeRow && !live.has(lakeRow)) return "erased";
  // While an erasure is under way the table may still have what the lake must not.
  const stored = tableRow && live.has(tableRow) ? tableRow : undefined;
  if (lakeRow === undefined) return stored && "missing";
  if (stored === undefined) return tableRow || hasExpired(lakeRow, now) ? undefined : "vanished";
  const order = compareStates(lakeRow, stored);
  if (order !== 0) return order < 0 ? "older" : "newer";
  return canonicalText(lakeRow) === canonicalText(stored) ? undefined : "different";
}

const hasExpired = (row: LakeRow, now: Date): boolean =>
  mayHaveExpired(
    {
      timestamp: new Date(row.timestamp).toISOString(),
      first_received_at: new Date(Number(row["first_received_at"])).toISOString(),
    },
    now,
  );

/** Names the first message in the window of each person who is not in the index of objects by person. */
async function lookUpPeople(
  key: string,
  window: readonly Entry[],
  differences: Differences,
  { people }: Pick<RowComparisonDeps, "people">,
): Promise<void> {
  const rows = window.flatMap(({ lakeRow }) => lakeRow ?? []);
  const firsts = rows.filter((row, index) => row.user_id !== rows[index - 1]?.user_id);
  const personOf = ({ user_id, generation }: LakeRow): LakePerson => ({
    user_id,
    generation: Number(generation),
  });
  if (firsts.length === 0 || (await people.missing(key, firsts.map(personOf))) === 0) return;
  for (const row of firsts) {
    if ((await people.missing(key, [personOf(row)])) > 0) differences.add("unindexed", row.message_id);
  }
}
