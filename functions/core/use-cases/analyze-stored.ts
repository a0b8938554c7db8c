import type { StateOutput, StoredInput } from "../contracts/pipeline.ts";
import type { MessageMetadata, StoredMessage } from "../domain/message.ts";
import type { AnalyticsOutcome } from "../domain/outcome.ts";
import type { MessageAnalyzer } from "../ports/message-analyzer.ts";
import type { AnalysisUpdate, MessageReader, MessageStore } from "../ports/message-store.ts";
import { keyOf, rowsOf, textOf } from "./index-stored.ts";

const FILLED = ["sentiment", "sentiment_score", "intent", "language"] as const;

export interface AnalyzeStoredDeps {
  readonly reader: MessageReader;
  readonly store: MessageStore;
  readonly analyzer: MessageAnalyzer;
}

/** `PerformAnalytics`: fills sentiment, score, intent and language where a person's message has none. */
export async function analyzeStored(
  input: StoredInput,
  { reader, store, analyzer }: AnalyzeStoredDeps,
): Promise<StateOutput<AnalyticsOutcome>> {
  const wanted = new Map(rowsOf(input).map(({ item, key }) => [textOf(key), { item, key }]));
  const rows = await reader.byKeys([...wanted.values()].map(({ key }) => key));
  const open = rows.filter(isOpen);
  const analyses = await analyzer.analyze(open.map((row) => row.content));

  const updates = open.flatMap((row, position): AnalysisUpdate[] => {
    const item = wanted.get(textOf(keyOf(row)))?.item;
    const tag = item === undefined ? undefined : input.messages[item]?.tag;
    const filled = missingFields(row, analyses[position] ?? {});
    if (item === undefined || tag === undefined || Object.keys(filled).length === 0) return [];
    return [{ item, tag, row, filled }];
  });
  const done = new Map((await store.applyAnalyses(updates)).map((outcome) => [outcome.item, outcome]));
  return {
    outcomes: input.messages.map((_, item) => done.get(item) ?? { item, status: "skipped" }),
  };
}

const isOpen = (row: StoredMessage): boolean =>
  !row.deleted && row.content !== "" && FILLED.some((field) => row.metadata[field] === undefined);

/** What the analysis says of the fields the row does not have. A score belongs to its sentiment. */
function missingFields(row: StoredMessage, analysis: MessageMetadata): MessageMetadata {
  const hasSentiment = row.metadata.sentiment !== undefined;
  return Object.fromEntries(
    FILLED.filter((field) => row.metadata[field] === undefined && analysis[field] !== undefined)
      .filter((field) => !(field === "sentiment_score" && hasSentiment))
      .map((field) => [field, analysis[field]]),
  );
}
