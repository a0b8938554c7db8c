import { TransientError } from "../../core/domain/errors.ts";
import { type MessageMetadata, sortKeyOf } from "../../core/domain/message.ts";
import type { AnalyticsOutcome } from "../../core/domain/outcome.ts";
import type { AnalysisUpdate } from "../../core/ports/message-store.ts";
import { lateRowMarks } from "./day-marks.ts";
import { ledgerCheck } from "./ledger-check.ts";
import { backOff, mapBounded } from "./retry.ts";
import { metadataItem } from "./row-item.ts";
import { MAX_TRIES, type ResolvedDeps } from "./store-deps.ts";
import type { MessageTables } from "./tables.ts";
import { MAX_ACTIONS, type TransactItem, transact } from "./transact.ts";

const CONCURRENT_USERS = 8;
/** Row and id each, after the ledger check. */
const UPDATES_A_TRANSACTION = Math.floor((MAX_ACTIONS - 1) / 2);

type Result = Omit<AnalyticsOutcome, "item">;
type Results = [AnalysisUpdate, Result][];
type Deps = Pick<ResolvedDeps, "client" | "tables" | "marks" | "clock" | "random">;

/** Writes analyses back, one transaction a person, only onto the revision that was analysed. */
export async function applyAnalyses(
  deps: Deps,
  updates: readonly AnalysisUpdate[],
): Promise<AnalyticsOutcome[]> {
  const filling = updates.filter(({ filled, row }) => missing(filled, row.metadata).length > 0);
  // A row's second update in one call would meet the revision that the first one wrote.
  const firsts = new Map(filling.toReversed().map((update) => [rowName(update), update]));
  const groups = Map.groupBy(firsts.values(), ({ row }) => `${row.generation} ${row.user_id}`);
  const parts = [...groups.values()].flatMap(split);
  const results = new Map(
    (await mapBounded(parts, CONCURRENT_USERS, (part) => applyPart(deps, part))).flat(),
  );
  return updates.map((update) => ({
    item: update.item,
    ...(results.get(update) ?? { status: filling.includes(update) ? "lost" : "skipped" }),
  }));
}

const rowName = ({ row }: AnalysisUpdate): string => `${sortKeyOf(row)} ${row.user_id}`;

function split(updates: readonly AnalysisUpdate[]): AnalysisUpdate[][] {
  const parts: AnalysisUpdate[][] = [];
  for (let start = 0; start < updates.length; start += UPDATES_A_TRANSACTION) {
    parts.push(updates.slice(start, start + UPDATES_A_TRANSACTION));
  }
  return parts;
}

const missing = (filled: MessageMetadata, held: MessageMetadata): string[] =>
  Object.keys(filled).filter((key) => filled[key] !== undefined && held[key] === undefined);

async function applyPart(deps: Deps, part: readonly AnalysisUpdate[]): Promise<Results> {
  const { client, tables, random } = deps;
  const results: Results = [];
  let open = part;
  let reason = "";
  try {
    await lateRowMarks(deps)(part.map(({ row }) => row));
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return part.map((update) => [update, { status: "failed", reason: error.message }]);
  }
  for (let tries = 0; tries < MAX_TRIES && open[0]; ) {
    const { tag, row } = open[0];
    const result = await transact(client, tables.contexts, [
      ledgerCheck(tables.ledger, tag, row.generation),
      ...open.flatMap((update) => updateItems(update, tables)),
    ]);
    if (result.status === "committed") {
      return [...results, ...open.map((update): Results[number] => [update, analysed(update)])];
    }
    if (result.status === "unmet") {
      const lost = open.filter((_, index) =>
        [0, 1 + 2 * index, 2 + 2 * index].some((position) => result.positions.has(position)),
      );
      results.push(...lost.map((update): Results[number] => [update, { status: "lost" }]));
      open = open.filter((update) => !lost.includes(update));
    } else {
      reason = `DynamoDB TransactWriteItems on ${tables.contexts}: ${result.cause}`;
      if (result.status === "rejected") break;
      await backOff(tries, random);
      tries += 1;
    }
  }
  return [...results, ...open.map((update): Results[number] => [update, { status: "failed", reason }])];
}

const analysed = ({ row }: AnalysisUpdate): Result => ({
  status: "analysed",
  sort_key: sortKeyOf(row),
  revision: row.revision + 1,
});

/** Row and id move to the next revision together; what a message brought itself is never overwritten. */
function updateItems({ row, filled }: AnalysisUpdate, tables: MessageTables): TransactItem[] {
  const { metadata, metadata_other } = metadataItem({ ...filled, ...row.metadata });
  const values = { ":revision": row.revision, ":next": row.revision + 1, ":generation": row.generation };
  const isUnchanged = "revision = :revision AND generation = :generation";
  return [
    {
      Update: {
        TableName: tables.contexts,
        Key: { user_id: row.user_id, timestamp: sortKeyOf(row) },
        UpdateExpression: `SET metadata = :metadata, revision = :next${metadata_other ? ", metadata_other = :other" : ""}`,
        ConditionExpression: `${isUnchanged} AND deleted = :live`,
        ExpressionAttributeValues: {
          ...values,
          ":metadata": metadata,
          ":live": false,
          ...(metadata_other !== undefined && { ":other": metadata_other }),
        },
      },
    },
    {
      Update: {
        TableName: tables.messageIds,
        Key: { user_id: row.user_id, message_id: row.message_id },
        UpdateExpression: "SET revision = :next",
        ConditionExpression: isUnchanged,
        ExpressionAttributeValues: values,
      },
    },
  ];
}
