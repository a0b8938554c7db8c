import senticonEs from "@nlpjs/lang-es/src/sentiment/senticon_es.json" with { type: "json" };
import afinnEn from "afinn-165-multilingual/build/AFINN-en.json" with { type: "json" };
import afinnEs from "afinn-165-multilingual/build/AFINN-es.json" with { type: "json" };
import { type AnalysedLanguage, foldAccents, stemOf } from "./text.ts";
import { wordMatcher } from "./word-matcher.ts";
import { NEGATIVE, POSITIVE } from "./words.ts";

/** AFINN's scale is -5 to 5; most of its words are within 3. */
const AFINN_SCALE = 3;

const byLanguage = <T>(make: (language: AnalysedLanguage) => T): Readonly<Record<AnalysedLanguage, T>> => ({
  es: make("es"),
  en: make("en"),
});

const AFINN = byLanguage((language) => {
  const scores: Readonly<Record<string, number | null>> = language === "es" ? afinnEs : afinnEn;
  return new Map(
    Object.entries(scores).flatMap(([word, score]) =>
      score && !word.includes(" ") ? [[foldAccents(word.toLowerCase()), score / AFINN_SCALE] as const] : [],
    ),
  );
});
const isPositive = byLanguage((language) => wordMatcher(POSITIVE[language]));
const isNegative = byLanguage((language) => wordMatcher(NEGATIVE[language]));

/** Polarity of a word on the lists of chat language: 1, -1, or 0 where it is on none. */
export const chatPolarity = (word: string, language: AnalysedLanguage): -1 | 0 | 1 =>
  isPositive[language](word) ? 1 : isNegative[language](word) ? -1 : 0;

/** ML-SentiCon, by stem. There is a second published lexicon for Spanish because AFINN's is a translation. */
const SENTICON_ES: Readonly<Record<string, number>> = senticonEs;

/** Polarity of a word in the published lexicons, about -1 to 1; 0 where it is in none. */
export const publishedPolarity = (word: string, language: AnalysedLanguage): number =>
  afinnPolarity(word, language) || (language === "es" ? (SENTICON_ES[stemOf(word, language)] ?? 0) : 0);

/** Polarity of a word in AFINN, about -1 to 1; 0 where it is not there. */
export const afinnPolarity = (word: string, language: AnalysedLanguage): number =>
  AFINN[language].get(word) ?? 0;
