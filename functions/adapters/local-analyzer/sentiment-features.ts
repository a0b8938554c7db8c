import type { Features } from "./classifier.ts";
import { chatPolarity, publishedPolarity } from "./polarity.ts";
import { type AnalysedLanguage, isWord, lettersOf, stemOf, tokensOf } from "./text.ts";
import { wordMatcher } from "./word-matcher.ts";
import {
  ASKING,
  CONTRASTS,
  FULFILMENT,
  IRONIC_EMOJI,
  NEGATIONS,
  NEGATIVE_EMOJI,
  POSITIVE_EMOJI,
  REPETITION,
  WAITING,
} from "./words.ts";

/** Strengths, chosen on the development set: a cue counts for more than the single words it generalises. */
const STEM = 0.7;
const PAIR = 0.3;
const LETTERS = 0.2;
const CUE = 1.5;
const HALF_CUE = CUE / 2;
const SMALL_CUE = CUE / 4;

/** Words before a polar one in which a negation turns it round. */
const NEGATION_REACH = 3;

const isFulfilment = { es: wordMatcher(FULFILMENT.es), en: wordMatcher(FULFILMENT.en) };

/** What a text tells about its sentiment: its words, and cues that hold for words never seen in training. */
export function sentimentFeatures(text: string, language: AnalysedLanguage): Features {
  const tokens = tokensOf(text);
  return { ...wordFeatures(tokens, language), ...cueFeatures(tokens, language) };
}

function wordFeatures(tokens: readonly string[], language: AnalysedLanguage): Features {
  const stems = tokens.map((token) => stemOf(token, language));
  return Object.fromEntries([
    ...tokens.filter(isWord).flatMap((word) => lettersOf(word, 4).map((part) => [`c:${part}`, LETTERS])),
    ...stems.slice(1).map((stem, position) => [`b:${stems[position]}_${stem}`, PAIR]),
    ...stems.map((stem) => [`s:${stem}`, STEM]),
  ]);
}

interface Polarities {
  /** Positive and negative words before a contrast and after it, negations applied. */
  readonly sides: readonly [Side, Side];
  readonly contrast: boolean;
  /** The same by the published lexicons, for words that the chat lists do not have. */
  readonly published: Side;
  readonly turnedPositive: boolean;
  readonly turnedNegative: boolean;
  readonly unfulfilled: boolean;
}

interface Side {
  positive: number;
  negative: number;
}

function polaritiesOf(tokens: readonly string[], language: AnalysedLanguage): Polarities {
  const sides: [Side, Side] = [
    { positive: 0, negative: 0 },
    { positive: 0, negative: 0 },
  ];
  const published: Side = { positive: 0, negative: 0 };
  let contrast = false;
  let turnedPositive = false;
  let turnedNegative = false;
  let unfulfilled = false;
  const count = (side: Side, value: number): void => {
    if (value > 0) side.positive += value;
    else side.negative -= value;
  };
  for (const [position, token] of tokens.entries()) {
    if (position > 0 && CONTRASTS[language].has(token)) contrast = true;
    if (NEGATIONS[language].has(token)) continue;
    const before = tokens.slice(Math.max(0, position - NEGATION_REACH), position);
    const turn = before.some((other) => NEGATIONS[language].has(other)) ? -1 : 1;
    unfulfilled ||= turn < 0 && isFulfilment[language](token);
    const value = chatPolarity(token, language) * turn;
    if (value === 0) {
      count(published, publishedPolarity(token, language) * turn);
      continue;
    }
    turnedPositive ||= turn < 0 && value > 0;
    turnedNegative ||= turn < 0 && value < 0;
    count(sides[contrast ? 1 : 0], value);
  }
  return { sides, contrast, published, turnedPositive, turnedNegative, unfulfilled };
}

function cueFeatures(tokens: readonly string[], language: AnalysedLanguage): Features {
  const { sides, contrast, published, turnedPositive, turnedNegative, unfulfilled } = polaritiesOf(
    tokens,
    language,
  );
  const positive = sides[0].positive + sides[1].positive;
  const negative = sides[0].negative + sides[1].negative;
  const count = (words: ReadonlySet<string>): number => tokens.filter((token) => words.has(token)).length;
  const negations = count(NEGATIONS[language]);
  const waiting = count(WAITING);
  const repeated = count(REPETITION) > 0;
  const ironic = count(IRONIC_EMOJI) > 0;
  const [before, after] = sides.map(leaning);

  const cues: Record<string, number> = {
    "X:positive": capped(positive) * CUE,
    "X:negative": capped(negative) * CUE,
    "X:no-polar-word": +(positive + negative === 0) * HALF_CUE,
    "X:both": +(positive > 0 && negative > 0) * HALF_CUE,
    "X:turned-positive": +turnedPositive,
    "X:turned-negative": +turnedNegative,
    "X:unfulfilled": +unfulfilled * HALF_CUE,
    "X:published-positive": capped(published.positive) * HALF_CUE,
    "X:published-negative": capped(published.negative) * HALF_CUE,
    "X:positive-emoji": +(count(POSITIVE_EMOJI) > 0) * CUE,
    "X:negative-emoji": +(count(NEGATIVE_EMOJI) > 0) * CUE,
    "X:ironic-emoji": +ironic * HALF_CUE,
    "X:praise-with-ironic-emoji": +(ironic && positive > 0) * HALF_CUE,
    "X:long-wait": +(waiting > 1) * HALF_CUE,
    "X:still-not": +(waiting > 0 && negations > 0) * HALF_CUE,
    "X:again": +repeated * SMALL_CUE,
    "X:praise-again": +(repeated && positive > 0) * HALF_CUE,
    "X:praise-with-negation": +(positive > 0 && negations > 0) * HALF_CUE,
    "X:negation": +(negations > 0) * SMALL_CUE,
    "X:asking": Math.min(2, count(ASKING)) * SMALL_CUE,
    "X:question": +tokens.some((token) => token.includes("?")) * HALF_CUE,
    "X:exclamation": +tokens.some((token) => token.includes("!")) * SMALL_CUE,
    "X:opens-with-praise": +(chatPolarity(tokens[0] ?? "", language) > 0) * SMALL_CUE,
    "X:contrast": +contrast,
    [`X:sides:${before}:${after}`]: +contrast * HALF_CUE,
    "X:sides-differ": +(contrast && before !== after && before !== "none") * HALF_CUE,
    [`X:length:${tokens.length < 3 ? "short" : tokens.length < 7 ? "middle" : "long"}`]: SMALL_CUE,
  };
  return Object.fromEntries(Object.entries(cues).filter(([, strength]) => strength > 0));
}

/** Two words of a kind say as much as ten. */
const capped = (count: number): number => Math.min(count, 2) / 2;

const leaning = ({ positive, negative }: Side): "positive" | "negative" | "none" =>
  positive > negative ? "positive" : negative > positive ? "negative" : "none";
