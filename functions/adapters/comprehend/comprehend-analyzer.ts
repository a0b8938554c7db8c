import {
  BatchDetectDominantLanguageCommand,
  BatchDetectSentimentCommand,
  type BatchItemError,
  type ComprehendClient,
  type DominantLanguage,
  type LanguageCode,
  type SentimentScore,
} from "@aws-sdk/client-comprehend";
import type { MessageMetadata, Sentiment } from "../../core/domain/message.ts";
import type { Analysis, AnalysisRequest, MessageAnalyzer } from "../../core/ports/message-analyzer.ts";
import { awsError } from "../aws-errors.ts";
import { inBatches, MAX_BYTES, truncateUtf8 } from "./batches.ts";

export interface ComprehendAnalyzerDeps {
  readonly client: Pick<ComprehendClient, "send">;
  /** Tells intents: Comprehend has none without an endpoint of one's own that is paid by the hour. */
  readonly intents: MessageAnalyzer;
}

/** Languages whose sentiment is asked; the same as the local analyzer's, so that both fill the same rows. */
const SENTIMENT_LANGUAGES: readonly LanguageCode[] = ["es", "en"];

/** A language is reported from this score on; below it Comprehend guesses among many. */
const CONFIDENT = 0.5;

interface Item {
  readonly text: string;
  readonly request: AnalysisRequest;
  language: string | undefined;
  found: MessageMetadata;
  failure: string | undefined;
}

/**
 * Amazon Comprehend for language and sentiment, in batches of 25. The language is asked only where it is not
 * known, the sentiment only for Spanish and English. An item that fails leaves the others alone.
 */
export function createComprehendAnalyzer({ client, intents }: ComprehendAnalyzerDeps): MessageAnalyzer {
  return {
    async analyze(requests) {
      const items = requests.map(
        (request): Item => ({
          text: truncateUtf8(request.text.trim(), MAX_BYTES),
          request,
          language: request.language,
          found: {},
          failure: undefined,
        }),
      );
      const needsLanguage = ({ text, request }: Item): boolean =>
        text !== "" &&
        request.language === undefined &&
        (request.aspects.has("language") || request.aspects.has("sentiment"));
      for (const batch of inBatches(items.filter(needsLanguage))) await detectLanguages(client, batch);
      await Promise.all(
        SENTIMENT_LANGUAGES.map(async (language) => {
          const spoken = items.filter((item) => wantsSentiment(item) && baseOf(item.language) === language);
          for (const batch of inBatches(spoken)) await detectSentiments(client, batch, language);
        }),
      );
      await addIntents(intents, items);
      return items.map(
        ({ found, failure }): Analysis => (failure === undefined ? { metadata: found } : { failure }),
      );
    },
  };
}

const wantsSentiment = ({ text, request, failure }: Item): boolean =>
  failure === undefined && text !== "" && request.aspects.has("sentiment");

const baseOf = (language: string | undefined): string | undefined => language?.toLowerCase().split("-")[0];

async function detectLanguages(client: ComprehendAnalyzerDeps["client"], batch: Item[]): Promise<void> {
  const command = new BatchDetectDominantLanguageCommand({ TextList: batch.map(({ text }) => text) });
  const { ResultList: results = [], ErrorList: errors = [] } = await client
    .send(command)
    .catch(fail("BatchDetectDominantLanguage"));
  const answered = new Set(markFailures(batch, errors));
  for (const { Index: index, Languages: languages = [] } of results) {
    const item = batch[index ?? -1];
    if (item === undefined) continue;
    answered.add(item);
    item.language = dominant(languages);
    if (item.language !== undefined && item.request.aspects.has("language")) {
      item.found = { ...item.found, language: item.language };
    }
  }
  markUnanswered(batch, answered);
}

async function detectSentiments(
  client: ComprehendAnalyzerDeps["client"],
  batch: Item[],
  language: LanguageCode,
): Promise<void> {
  const command = new BatchDetectSentimentCommand({
    LanguageCode: language,
    TextList: batch.map(({ text }) => text),
  });
  const { ResultList: results = [], ErrorList: errors = [] } = await client
    .send(command)
    .catch(fail("BatchDetectSentiment"));
  const answered = new Set(markFailures(batch, errors));
  for (const { Index: index, Sentiment: sentiment, SentimentScore: scores } of results) {
    const item = batch[index ?? -1];
    if (item === undefined || sentiment === undefined) continue;
    answered.add(item);
    item.found = { ...item.found, sentiment: SENTIMENTS[sentiment], sentiment_score: scoreOf(scores) };
  }
  markUnanswered(batch, answered);
}

async function addIntents(intents: MessageAnalyzer, items: readonly Item[]): Promise<void> {
  const asking = items.filter(
    ({ request, failure }) => failure === undefined && request.aspects.has("intent"),
  );
  if (asking.length === 0) return;
  const analyses = await intents.analyze(
    asking.map(({ request: { text }, language }) => ({
      text,
      aspects: new Set(["intent"] as const),
      ...(language !== undefined && { language }),
    })),
  );
  for (const [position, item] of asking.entries()) {
    const analysis = analyses[position];
    if (analysis !== undefined && "metadata" in analysis)
      item.found = { ...item.found, ...analysis.metadata };
  }
}

const SENTIMENTS: Readonly<Record<"POSITIVE" | "NEGATIVE" | "NEUTRAL" | "MIXED", Sentiment>> = {
  POSITIVE: "positive",
  NEGATIVE: "negative",
  NEUTRAL: "neutral",
  MIXED: "mixed",
};

/** The same meaning as the local analyzer's: share of positive less that of negative, two decimals. */
const scoreOf = (scores: SentimentScore | undefined): number =>
  Math.round(((scores?.Positive ?? 0) - (scores?.Negative ?? 0)) * 100) / 100 + 0;

function dominant(languages: readonly DominantLanguage[]): string | undefined {
  const best = [...languages].sort((a, b) => (b.Score ?? 0) - (a.Score ?? 0))[0];
  return best !== undefined && (best.Score ?? 0) >= CONFIDENT ? best.LanguageCode : undefined;
}

/** Comprehend's message may quote the text, so only its code is kept. */
function markFailures(batch: readonly Item[], errors: readonly BatchItemError[]): Item[] {
  return errors.flatMap(({ Index: index, ErrorCode: code }) => {
    const item = batch[index ?? -1];
    if (item === undefined) return [];
    item.failure = `Comprehend: ${code ?? "unknown error"}`;
    return [item];
  });
}

function markUnanswered(batch: readonly Item[], answered: ReadonlySet<Item>): void {
  for (const item of batch) {
    if (!answered.has(item)) item.failure = "Comprehend: no answer for this text";
  }
}

const fail =
  (operation: string) =>
  (error: unknown): never => {
    throw awsError(error, { store: "Comprehend", operation, resource: "texts" });
  };
