import type { Sentiment } from "../../../../functions/core/domain/message.ts";
import { FUNCTION_WORDS, INTENT_WORDS, NEGATIONS, POLARITY } from "./plain-words.ts";

/** Words before a polar one in which a negation turns it round. */
const NEGATION_REACH = 3;

/**
 * The baseline: counts words of small lists for Spanish and English. No function word, no language; no polar
 * word, `neutral`; no intent word, no intent.
 */
export function plainLexicon(text: string): {
  readonly sentiment: Sentiment;
  readonly intent: string | undefined;
  readonly language: string | undefined;
} {
  const words = wordsOf(text);
  return {
    sentiment: sentimentOf(polarityOf(words)),
    intent: intentOf(words),
    language: languageOf(words),
  };
}

/** Lower-case words without accents: people leave them out when they chat. `ñ` stays a letter of its own. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .normalize("NFD")
    .replace(/(?<!n)\u0303|[\u0300-\u0302\u0304-\u036f]/g, "")
    .normalize("NFC")
    .match(/\p{L}+/gu) ?? [];

function languageOf(words: readonly string[]): string | undefined {
  const counts = Object.entries(FUNCTION_WORDS).map(
    ([language, list]) => [language, words.filter((word) => list.has(word)).length] as const,
  );
  const [best, next] = counts.sort((a, b) => b[1] - a[1]);
  return best && best[1] > (next?.[1] ?? 0) ? best[0] : undefined;
}

/** Mean polarity of the polar words, -1 to 1, two decimals; a negation shortly before turns one round. */
function polarityOf(words: readonly string[]): number {
  const values = words.flatMap((word, position) => {
    const value = POLARITY.get(word);
    if (value === undefined) return [];
    const before = words.slice(Math.max(0, position - NEGATION_REACH), position);
    return [before.some((other) => NEGATIONS.has(other)) ? -value : value];
  });
  if (values.length === 0) return 0;
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 100) / 100;
}

const sentimentOf = (score: number): Sentiment =>
  score > 0.2 ? "positive" : score < -0.2 ? "negative" : "neutral";

function intentOf(words: readonly string[]): string | undefined {
  const counts = Object.entries(INTENT_WORDS).map(
    ([intent, list]) => [intent, words.filter((word) => list.has(word)).length] as const,
  );
  const best = counts.reduce((a, b) => (b[1] > a[1] ? b : a));
  return best[1] > 0 ? best[0] : undefined;
}
