import type { Sentiment } from "../../core/domain/message.ts";
import { largestShare, type Shares, trainClassifier } from "./classifier.ts";
import examples from "./data/sentiment-examples.json" with { type: "json" };
import { sentimentFeatures } from "./sentiment-features.ts";
import { ANALYSED_LANGUAGES, type AnalysedLanguage } from "./text.ts";

const SENTIMENTS = ["negative", "neutral", "positive", "mixed"] as const satisfies readonly Sentiment[];

export interface SentimentFinding {
  readonly sentiment: Sentiment;
  /** -1 to 1, two decimals */
  readonly sentiment_score: number;
}

/** A text with its sentiment, as the training takes it. */
export interface LabelledText {
  readonly text: string;
  readonly language: AnalysedLanguage;
  readonly sentiment: Sentiment;
}

/** The development set: the default classifier learns from it, and its settings were chosen on it. */
export const SENTIMENT_EXAMPLES: readonly LabelledText[] = SENTIMENTS.flatMap((sentiment) =>
  ANALYSED_LANGUAGES.flatMap((language) =>
    examples[sentiment][language].map((text) => ({ text, language, sentiment })),
  ),
);

/** Learns sentiment from labelled texts. */
export function trainSentiment(
  labelled: readonly LabelledText[],
): (text: string, language: AnalysedLanguage) => SentimentFinding {
  const classify = trainClassifier(
    labelled.map(({ text, language, sentiment }) => ({
      features: sentimentFeatures(text, language),
      label: sentiment,
    })),
  );
  return (text, language) => findingOf(classify(sentimentFeatures(text, language)));
}

/** Nothing known about a text is `neutral`. The score is the share of positive less that of negative. */
function findingOf(shares: Shares): SentimentFinding {
  const label = largestShare(shares)?.label;
  return {
    sentiment: SENTIMENTS.find((sentiment) => sentiment === label) ?? "neutral",
    sentiment_score: twoDecimals((shares["positive"] ?? 0) - (shares["negative"] ?? 0)),
  };
}

/** Adding 0 turns -0, which JSON does not have, into 0. */
const twoDecimals = (value: number): number => Math.round(value * 100) / 100 + 0;
