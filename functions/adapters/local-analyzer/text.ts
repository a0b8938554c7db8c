import StemmerEn from "@nlpjs/lang-en-min/src/stemmer-en.js";
import StemmerEs from "@nlpjs/lang-es/src/stemmer-es.js";

/** Languages whose sentiment and intent are told. */
export const ANALYSED_LANGUAGES = ["es", "en"] as const;
export type AnalysedLanguage = (typeof ANALYSED_LANGUAGES)[number];

const STEMMERS = { es: new StemmerEs(), en: new StemmerEn() };
const TOKEN = /\p{L}+(?:'\p{L}+)?|\p{N}+|\p{Extended_Pictographic}|[!?]+|\.{2,}|…|,|\./gu;

/** Texts beyond this many UTF-16 units are judged by their beginning: no message needs more, and work is bounded. */
const MAX_LENGTH = 5_000;

/** Without accents, which people leave out when they chat. `ñ` stays a letter of its own. */
export const foldAccents = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/(?<!n)\u0303|[\u0300-\u0302\u0304-\u036f]/g, "")
    .normalize("NFC");

/** `holaaaa` as `hola`: no word of the analysed languages has a letter three times in a row. */
export const unstretched = (text: string): string => text.replace(/(\p{L})\1{2,}/gu, "$1");

/** Words in lower case without accents and stretching (`holaaaa`), numbers, emoji, and marks that carry tone. */
export const tokensOf = (text: string): string[] =>
  unstretched(foldAccents(text.slice(0, MAX_LENGTH).toLowerCase()).replaceAll("’", "'")).match(TOKEN) ?? [];

export const isWord = (token: string): boolean => /^\p{L}/u.test(token);

/** The stem of a word; other tokens as they are. */
export const stemOf = (token: string, language: AnalysedLanguage): string =>
  isWord(token) ? STEMMERS[language].stemWord(token.replaceAll("'", "")) : token;

/** Letter sequences of one length in a word, its edges marked: they survive typos and endings. */
export function lettersOf(word: string, length: number): string[] {
  const marked = `<${word}>`;
  return Array.from({ length: Math.max(0, marked.length - length + 1) }, (_, start) =>
    marked.slice(start, start + length),
  );
}

export const asAnalysed = (language: string | undefined): AnalysedLanguage | undefined =>
  ANALYSED_LANGUAGES.find((known) => language?.toLowerCase().split("-")[0] === known);
