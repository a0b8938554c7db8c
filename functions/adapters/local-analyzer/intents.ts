import { largestShare, trainClassifier } from "./classifier.ts";
import defaults from "./data/intents.json" with { type: "json" };
import { type IntentConfig, NO_INTENT } from "./intent-config.ts";
import { ANALYSED_LANGUAGES, type AnalysedLanguage, isWord, lettersOf, stemOf, tokensOf } from "./text.ts";
import { wordMatcher } from "./word-matcher.ts";

/** Intents of customer service. */
export const DEFAULT_INTENTS: IntentConfig = defaults;

/** Below this share of the best intent none is reported; chosen on the development set. */
const CONFIDENT = 0.3;

const STEM = 1;
const PAIR = 0.3;
const LETTERS = 0.3;
const KEYWORD = 1;
const MAX_KEYWORDS = 2;

export type IntentClassifier = (text: string, language: AnalysedLanguage) => string | undefined;

/** Learns intents from a configuration. What it is not sure of has none. */
export function trainIntents(config: IntentConfig, confident = CONFIDENT): IntentClassifier {
  const matchers = Object.entries(config)
    .filter(([name]) => name !== NO_INTENT)
    .map(([name, { keywords }]) => [name, wordMatcher(keywords)] as const);

  const features = (text: string, language: AnalysedLanguage): Record<string, number> => {
    const tokens = tokensOf(text).flatMap(asIntentToken);
    const stems = tokens.map((token) => stemOf(token, language));
    const hits = matchers.flatMap(([name, matches]) => {
      const count = Math.min(MAX_KEYWORDS, tokens.filter(matches).length);
      return count > 0 ? [[`k:${name}`, count * KEYWORD] as const] : [];
    });
    return Object.fromEntries([
      ...tokens.filter(isWord).flatMap((word) => lettersOf(word, 4).map((part) => [`c:${part}`, LETTERS])),
      ...stems.slice(1).map((stem, position) => [`b:${stems[position]}_${stem}`, PAIR]),
      ...stems.map((stem) => [`s:${stem}`, STEM]),
      ...hits,
    ]);
  };

  const classify = trainClassifier(
    Object.entries(config).flatMap(([label, { examples }]) =>
      ANALYSED_LANGUAGES.flatMap((language) =>
        examples[language].map((text) => ({ label, features: features(text, language) })),
      ),
    ),
  );
  return (text, language) => {
    const best = largestShare(classify(features(text, language)));
    return best === undefined || best.label === NO_INTENT || best.share < confident ? undefined : best.label;
  };
}

/** All numbers are alike; of the marks only the question matters. */
function asIntentToken(token: string): string[] {
  if (/^\p{N}/u.test(token)) return ["#"];
  if (token.includes("?")) return ["?"];
  return isWord(token) ? [token] : [];
}
