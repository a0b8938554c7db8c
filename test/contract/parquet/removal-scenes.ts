import { writeGroups } from "../../../functions/adapters/parquet/hyparquet-rows.ts";
import { LakeRowsHash } from "../../../functions/core/domain/lake-hash.ts";
import { compareLakeKeys } from "../../../functions/core/domain/lake-order.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { type LakeSchema, MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import type { RandomAccessFile } from "../../../functions/core/ports/lake-row-files.ts";
import type {
  LakeRowRemoval,
  RemovedPerson,
  RowRemoval,
} from "../../../functions/core/ports/lake-row-removal.ts";
import { aLakeRow, fileOf, writtenBy } from "../../support/parquet/rows.ts";
import { seededRandom } from "../../support/random.ts";

const LONG = `web:${"x".repeat(100)}`;

/** Ids that are near each other, look like patterns, or are ordered otherwise in UTF-16 than in UTF-8. */
const IDS = [
  ...["whatsapp:+123", "whatsapp:+1234", "whatsapp:+12", "web:*", "web:a:b", "web:{x}", "web:../", "web:%2F"],
  ...[
    'web:"}',
    "web:?",
    "web:+12[3]4",
    "web:\uffff",
    "web:\u{1f642}",
    "web:\u{1f642}\u{1f642}",
    "web:\ufb01",
  ],
  ...[
    "web:\u{10ffff}",
    LONG,
    `${LONG}y`,
    `${LONG}\u{1f642}`,
    `${LONG.slice(0, 60)}\u{10ffff}z`,
    "web:ñ",
    "web:n",
  ],
];

/** Rows of a day, and who is to go. */
export interface RemovalScene {
  readonly rows: readonly LakeRow[];
  readonly people: readonly RemovedPerson[];
  /** Rows of a row group. */
  readonly groupRows: number;
}

/** The same scene for the same seed: some of the ids, few or many rows each, generations mixed. */
export function removalScene(seed: number): RemovalScene {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const some = <Item>(items: readonly Item[], share: number): Item[] => items.filter(() => random() < share);
  const ids = some(IDS, 0.3 + random() * 0.6);
  const rows = ids.flatMap((user_id) =>
    Array.from({ length: 1 + below(below(3) === 0 ? 60 : 8) }, (_, index) =>
      rowOf(user_id, `${ids.indexOf(user_id)}-${index}`, below),
    ),
  );
  // Nobody, somebody who may not be there, or everybody.
  const wanted = [0, 0.1, 0.3, 0.5, 1, 1][below(6)] ?? 0;
  const people = some(IDS, wanted).map((user_id) => ({
    user_id,
    generation: wanted === 1 ? 3 : 1 + below(3),
  }));
  const [twice] = people;
  return {
    rows: rows.sort(compareLakeKeys),
    people: twice && below(4) === 0 ? [...people, { ...twice, generation: 1 }] : people,
    groupRows: Math.ceil(rows.length / (1 + below(9))),
  };
}

/** What is nowhere but in one row. */
export const canaryOf = (row: LakeRow): string => `canary-${row.message_id}-end`;

/** A row with its canary in every field that a person fills, and values that are easily changed. */
function rowOf(user_id: string, message_id: string, below: (limit: number) => number): LakeRow {
  const timestamp = 1_000_000 * below(1_000) + below(2);
  const row = aLakeRow({ user_id, generation: BigInt(1 + below(3)), timestamp, message_id });
  const canary = canaryOf(row);
  const one = <Value>(...values: Value[]): Value | null => values[below(values.length + 1)] ?? null;
  return {
    ...row,
    content: `${canary} ${below(3) === 0 ? "\ufeffñ\u{1f642}\u0000" : "hola"}`,
    session_id: canary,
    platform_message_id: canary,
    extra: one(JSON.stringify({ canary })),
    media: one("[]"),
    tool_calls: one(JSON.stringify([canary])),
    metadata_other: one(JSON.stringify(canary)),
    sentiment_score: one(0, -0, Number.NaN, 0.1),
    confidence_score: one(Number.POSITIVE_INFINITY, 5e-324, 1),
    tokens_used: one(2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n),
    edited_at: one(-1, Date.parse("9999-12-31T23:59:59.999Z")),
    escalation_triggered: below(2) === 0,
    intent: one("a", "b"),
  };
}

/** What must become of each row. */
export function expectedOf({ rows, people }: Pick<RemovalScene, "rows" | "people">): {
  readonly left: LakeRow[];
  readonly gone: LakeRow[];
  readonly counts: Map<string, { rows: number; staying: number }>;
} {
  const lastOf = (user: string): number =>
    Math.max(...people.filter(({ user_id }) => user_id === user).map(({ generation }) => generation));
  const goes = (row: LakeRow): boolean => row.generation <= lastOf(row.user_id);
  const counts = new Map<string, { rows: number; staying: number }>();
  for (const row of rows) {
    if (!people.some(({ user_id }) => user_id === row.user_id)) continue;
    const count = counts.get(row.user_id) ?? { rows: 0, staying: 0 };
    counts.set(row.user_id, count);
    count[goes(row) ? "rows" : "staying"]++;
  }
  return { left: rows.filter((row) => !goes(row)), gone: rows.filter(goes), counts };
}

/** Writes a file of the lake with row groups of so many rows: what the writer makes, but smaller. */
export async function inSmallGroups(
  rows: readonly LakeRow[],
  groupRows: number,
  schema: LakeSchema = MESSAGES,
): Promise<ReturnType<typeof fileOf>> {
  const groups = Array.from({ length: Math.ceil(rows.length / groupRows) }, (_, index) => {
    const own = rows.slice(index * groupRows, (index + 1) * groupRows);
    const columns = schema.columns.map(({ name }) => own.map((row) => row[name] ?? null));
    return { rows: own.length, columns };
  });
  return writtenBy((sink) => writeGroups(schema, groups, sink));
}

/** A removal, in memory. */
export interface Removed extends RowRemoval {
  readonly file: ReturnType<typeof fileOf>;
  readonly goneRows: readonly LakeRow[];
}

export async function remove(
  removal: LakeRowRemoval,
  file: RandomAccessFile,
  people: readonly RemovedPerson[],
): Promise<Removed> {
  const [chunks, goneRows]: [Uint8Array[], LakeRow[]] = [[], []];
  const report = await removal.remove(
    file,
    people,
    async (chunk) => void chunks.push(chunk),
    (row) => goneRows.push(row),
  );
  return { ...report, file: fileOf(...chunks), goneRows };
}

/** The recorded hash of rows, without those that were removed. */
export function hashWithout(rows: readonly LakeRow[], gone: readonly LakeRow[]): LakeRowsHash {
  const before = new LakeRowsHash();
  for (const row of rows) before.add(row);
  const known = LakeRowsHash.of(before.digest(), before.rows);
  for (const row of gone) known.remove(row);
  return known;
}
