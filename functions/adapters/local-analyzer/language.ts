import { detect } from "tinyld";
import { DEFAULT_INTENTS } from "./intents.ts";
import { SENTIMENT_EXAMPLES } from "./sentiment.ts";
import { ANALYSED_LANGUAGES, type AnalysedLanguage, isWord, tokensOf, unstretched } from "./text.ts";

/** Up to this many words a text is too short for letter statistics: known words decide. */
const SHORT = 3;
/** From this many words on any language may be found; below it only those that are expected. */
const LONG = 8;
/** UTF-16 units that are looked at: enough to be sure. */
const MAX_LENGTH = 1_000;
const EXPECTED = ["es", "en", "pt"];
/** A word belongs to a language that has it this many times as often as the other. */
const CLEARLY = 3;

const wordsOf = (text: string): string[] => tokensOf(text).filter(isWord);

/** Learns the words of each language and returns a detector: ISO 639-1, or nothing where it cannot tell. */
export function trainLanguage(
  texts: readonly { readonly text: string; readonly language: AnalysedLanguage }[],
): (text: string) => string | undefined {
  const owners = wordOwners(texts);
  return (text) => {
    const beginning = text.slice(0, MAX_LENGTH);
    const words = wordsOf(beginning);
    if (words.length === 0) return undefined;
    if (words.length <= SHORT) {
      const known = words.map((word) => owners.get(word));
      const [es, en] = ANALYSED_LANGUAGES.map(
        (language) => known.filter((owner) => owner === language).length,
      );
      if (es !== en) return Number(es) > Number(en) ? "es" : "en";
    }
    return detect(unstretched(beginning), words.length < LONG ? { only: EXPECTED } : undefined) || undefined;
  };
}

/** The texts that the default analyzer learns words from. */
export const LANGUAGE_TEXTS = [
  ...SENTIMENT_EXAMPLES,
  ...Object.values(DEFAULT_INTENTS).flatMap(({ examples }) =>
    ANALYSED_LANGUAGES.flatMap((language) => examples[language].map((text) => ({ text, language }))),
  ),
];

function wordOwners(
  texts: readonly { readonly text: string; readonly language: AnalysedLanguage }[],
): ReadonlyMap<string, AnalysedLanguage> {
  const counts = new Map<string, Record<AnalysedLanguage, number>>();
  for (const { text, language } of texts) {
    for (const word of new Set(wordsOf(text))) {
      const count = counts.get(word) ?? { es: 0, en: 0 };
      count[language] += 1;
      counts.set(word, count);
    }
  }
  const owners = new Map<string, AnalysedLanguage>();
  for (const [word, { es, en }] of counts) {
    if (es > CLEARLY * en) owners.set(word, "es");
    else if (en > CLEARLY * es) owners.set(word, "en");
  }
  return owners;
}
