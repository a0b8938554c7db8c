import type { StateOutput, StoredInput } from "../contracts/pipeline.ts";
import type { MessageMetadata, StoredMessage } from "../domain/message.ts";
import type { AnalyticsOutcome } from "../domain/outcome.ts";
import type { Analysis, AnalysisAspect, MessageAnalyzer } from "../ports/message-analyzer.ts";
import type { AnalysisUpdate, MessageReader, MessageStore } from "../ports/message-store.ts";
import { keyOf, rowsOf, textOf } from "./index-stored.ts";

const FILLED = ["sentiment", "sentiment_score", "intent", "language"] as const;

export interface AnalyzeStoredDeps {
  readonly reader: MessageReader;
  readonly store: MessageStore;
  readonly analyzer: MessageAnalyzer;
}

/** `PerformAnalytics`: fills sentiment, score, intent and language where a stored message has none. */
export async function analyzeStored(
  input: StoredInput,
  { reader, store, analyzer }: AnalyzeStoredDeps,
): Promise<StateOutput<AnalyticsOutcome>> {
  const wanted = new Map(rowsOf(input).map(({ item, key }) => [textOf(key), { item, key }]));
  const rows = await reader.byKeys([...wanted.values()].map(({ key }) => key));
  const open = rows.flatMap((row) => {
    const item = wanted.get(textOf(keyOf(row)))?.item;
    const tag = item === undefined ? undefined : input.messages[item]?.tag;
    const aspects = missingAspects(row);
    return item === undefined || tag === undefined || aspects.size === 0 ? [] : [{ item, tag, row, aspects }];
  });
  const analyses = await analyzer.analyze(
    open.map(({ row: { content, metadata }, aspects }) => ({
      text: content,
      aspects,
      ...(metadata.language !== undefined && { language: metadata.language }),
    })),
  );

  const updates: AnalysisUpdate[] = [];
  const outcomes = new Map(changedMeanwhile(input, rows, wanted));
  for (const [position, { item, tag, row }] of open.entries()) {
    const analysis: Analysis = analyses[position] ?? { failure: "the analyzer left it out" };
    if ("failure" in analysis) {
      outcomes.set(item, { item, status: "failed", reason: analysis.failure });
      continue;
    }
    const filled = missingFields(row, analysis.metadata);
    if (Object.keys(filled).length > 0) updates.push({ item, tag, row, filled });
  }
  for (const outcome of await store.applyAnalyses(updates)) outcomes.set(outcome.item, outcome);
  return {
    outcomes: input.messages.map((_, item) => outcomes.get(item) ?? { item, status: "skipped" }),
  };
}

/**
 * Rows that are beyond the revision that was stored: an earlier attempt of this state may have written its analysis and
 * lost its answer, so that now nothing is missing and yet the index and the cache do not have it. A duplicate of a
 * message that was analysed looks the same.
 */
function changedMeanwhile(
  { stored }: StoredInput,
  rows: readonly StoredMessage[],
  wanted: ReadonlyMap<string, { readonly item: number }>,
): [number, AnalyticsOutcome][] {
  const revisions = new Map(stored.map(({ item, revision }) => [item, revision]));
  return rows.flatMap((row): [number, AnalyticsOutcome][] => {
    const item = wanted.get(textOf(keyOf(row)))?.item;
    const revision = item === undefined ? undefined : revisions.get(item);
    if (item === undefined || revision === undefined || row.revision <= revision) return [];
    return [[item, { item, status: "lost" }]];
  });
}

/** Sentiment and intent are a person's: a bot's or the system's message is asked for its language only. */
function missingAspects({ deleted, content, role, metadata }: StoredMessage): ReadonlySet<AnalysisAspect> {
  const aspects = new Set<AnalysisAspect>();
  if (deleted || content === "") return aspects;
  if (metadata.language === undefined) aspects.add("language");
  if (role !== "user") return aspects;
  if (metadata.sentiment === undefined) aspects.add("sentiment");
  if (metadata.intent === undefined) aspects.add("intent");
  return aspects;
}

/** What the analysis says of the fields the row does not have. A score belongs to its sentiment. */
function missingFields(row: StoredMessage, analysis: MessageMetadata): MessageMetadata {
  const hasSentiment = row.metadata.sentiment !== undefined;
  return Object.fromEntries(
    FILLED.filter((field) => row.metadata[field] === undefined && analysis[field] !== undefined)
      .filter((field) => !(field === "sentiment_score" && hasSentiment))
      .map((field) => [field, analysis[field]]),
  );
}
