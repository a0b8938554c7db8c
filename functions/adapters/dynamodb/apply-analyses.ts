import type { BatchStatementResponse } from "@aws-sdk/client-dynamodb";
import { BatchExecuteStatementCommand } from "@aws-sdk/lib-dynamodb";
import { inGroups, mapBounded } from "../../core/domain/batches.ts";
import { TransientError } from "../../core/domain/errors.ts";
import { liveGeneration } from "../../core/domain/fence.ts";
import { type MessageMetadata, sortKeyOf } from "../../core/domain/message.ts";
import type { AnalyticsOutcome } from "../../core/domain/outcome.ts";
import type { AnalysisUpdate } from "../../core/ports/message-store.ts";
import { causeOf, isTransientCause } from "../aws-errors.ts";
import { call } from "./call.ts";
import { lateRowMarks } from "./day-marks.ts";
import { createErasureLedger } from "./erasure-ledger.ts";
import { backOff } from "./retry.ts";
import { metadataItem } from "./row-item.ts";
import { MAX_TRIES, type ResolvedDeps } from "./store-deps.ts";

/** Statements one BatchExecuteStatement takes. */
const MAX_STATEMENTS = 25;
const CONCURRENCY = 4;

type Result = Omit<AnalyticsOutcome, "item">;
type Results = [AnalysisUpdate, Result][];
type Deps = Pick<ResolvedDeps, "client" | "tables" | "marks" | "clock" | "random">;

/**
 * Writes analyses back, only onto the revision that was analysed. No transaction (ADR 0052): a statement for each row
 * changes a row that is there in its generation and never makes one, so that what an erasure removes stays removed.
 */
export async function applyAnalyses(
  deps: Deps,
  updates: readonly AnalysisUpdate[],
): Promise<AnalyticsOutcome[]> {
  const filling = updates.filter(({ filled, row }) => missing(filled, row.metadata).length > 0);
  // A row's second update in one call would meet the revision that the first one wrote.
  const firsts = [...new Map(filling.toReversed().map((update) => [rowName(update), update])).values()];
  const live = await ofLiveGenerations(deps, firsts);
  const parts = inGroups(live, MAX_STATEMENTS);
  const results = new Map((await mapBounded(parts, CONCURRENCY, (part) => applyPart(deps, part))).flat());
  return updates.map((update) => ({
    item: update.item,
    ...(results.get(update) ?? { status: filling.includes(update) ? "lost" : "skipped" }),
  }));
}

const rowName = ({ row }: AnalysisUpdate): string => `${sortKeyOf(row)} ${row.user_id}`;

const missing = (filled: MessageMetadata, held: MessageMetadata): string[] =>
  Object.keys(filled).filter((key) => filled[key] !== undefined && held[key] === undefined);

async function ofLiveGenerations(
  { client, tables }: Deps,
  updates: readonly AnalysisUpdate[],
): Promise<AnalysisUpdate[]> {
  if (updates.length === 0) return [];
  const ledger = createErasureLedger({ client, table: tables.ledger });
  const fences = await ledger.fences(updates.map(({ tag }) => tag));
  return updates.filter(({ tag, row }) => liveGeneration(fences.get(tag)) === row.generation);
}

async function applyPart(deps: Deps, part: readonly AnalysisUpdate[]): Promise<Results> {
  const results: Results = [];
  let open = part;
  let reason = "";
  try {
    await lateRowMarks(deps)(part.map(({ row }) => row));
    for (let attempt = 0; attempt < MAX_TRIES && open.length > 0; attempt += 1) {
      if (attempt > 0) await backOff(attempt - 1, deps.random);
      const answers = await execute(deps, open);
      results.push(...answers.flatMap(({ update, result }): Results => (result ? [[update, result]] : [])));
      open = answers.flatMap(({ update, result }) => (result ? [] : [update]));
      reason = answers.find(({ result }) => !result)?.reason ?? "";
    }
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    reason = error.message;
  }
  return [...results, ...open.map((update): Results[number] => [update, { status: "failed", reason }])];
}

interface Answer {
  readonly update: AnalysisUpdate;
  /** Absent where it may succeed when tried again; it is unknown then whether it was written. */
  readonly result?: Result;
  readonly reason?: string;
}

/** @throws PermanentError when the table cannot be used */
async function execute({ client, tables }: Deps, updates: readonly AnalysisUpdate[]): Promise<Answer[]> {
  const table = tables.contexts;
  const command = new BatchExecuteStatementCommand({
    Statements: updates.map((update) => statementOf(update, table)),
  });
  const reasonOf = (cause: string): string => `DynamoDB BatchExecuteStatement on ${table}: ${cause}`;
  let responses: readonly BatchStatementResponse[] | undefined;
  try {
    ({ Responses: responses } = await client.send(command));
  } catch (error) {
    const cause = causeOf(error);
    if (!isTransientCause(cause)) return unusable(table, error);
    return updates.map((update) => ({ update, reason: reasonOf(cause) }));
  }
  const answers = updates.map(async (update, index): Promise<Answer> => {
    const code = responses?.[index]?.Error?.Code;
    if (code === undefined) return { update, result: analysed(update) };
    if (code === "ConditionalCheckFailed") return { update, result: { status: "lost" } };
    const cause = causeOf(code);
    if (isTransientCause(cause)) return { update, reason: reasonOf(cause) };
    if (cause !== "rejected") return unusable(table, { name: code });
    return { update, result: { status: "failed", reason: reasonOf(cause) } };
  });
  return Promise.all(answers);
}

const unusable = (table: string, error: unknown): Promise<never> =>
  call("BatchExecuteStatement", table, Promise.reject(error));

const analysed = ({ row }: AnalysisUpdate): Result => ({
  status: "analysed",
  sort_key: sortKeyOf(row),
  revision: row.revision + 1,
});

/** What a message brought itself is never overwritten. */
function statementOf({ row, filled }: AnalysisUpdate, table: string) {
  const { metadata, metadata_other: other } = metadataItem({ ...filled, ...row.metadata });
  const hasOther = other !== undefined;
  return {
    Statement: `UPDATE "${table}" SET metadata=? SET revision=?${hasOther ? " SET metadata_other=?" : ""} WHERE user_id=? AND "timestamp"=? AND revision=? AND generation=? AND deleted=?`,
    Parameters: [
      metadata,
      row.revision + 1,
      ...(hasOther ? [other] : []),
      row.user_id,
      sortKeyOf(row),
      row.revision,
      row.generation,
      false,
    ],
  };
}
