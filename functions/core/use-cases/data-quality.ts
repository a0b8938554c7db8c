import type { QualityHistory } from "./data-quality-history.ts";

/** How many messages of a day have a fault, of those that could have it. */
export interface QualityCount {
  readonly name: string;
  readonly part: number;
  readonly whole: number;
}

/** What a check found, and whether that is beyond its threshold. */
export type QualityCheck = {
  readonly check: string;
  /** Share of the messages, 0 to 1; for `volume`: messages over the usual number. Null where nothing can be said. */
  readonly value: number | null;
  readonly comparison: "at least" | "at most";
  /** Null where the check has none, or none yet. */
  readonly threshold: number | null;
  readonly breached: boolean;
};

/** A share may be so high, or so much higher than usual: what not every bot sends is compared with itself. */
type Rule = { readonly most: number } | { readonly rise: number };

/** Rules by the checks of `queries/data-quality.sql`. */
const RULES: Readonly<Record<string, Rule>> = {
  unknown_intent: { rise: 0.25 },
  null_sentiment: { rise: 0.25 },
  null_language: { rise: 0.25 },
  null_ai_model_used: { rise: 0.25 },
  null_confidence_score: { rise: 0.25 },
  null_processing_time_ms: { rise: 0.25 },
  null_tokens_used: { rise: 0.25 },
  empty_text: { most: 0.05 },
  confidence_out_of_range: { most: 0 },
  sentiment_out_of_range: { most: 0 },
  clock_ahead: { most: 0.01 },
  arrived_late: { most: 0.05 },
};

/** Volume against the same weekday's median, as a ratio. */
const LEAST_VOLUME = 0.5;
const MOST_VOLUME = 2;
/** Messages below which a share or a ratio says nothing. */
const ENOUGH_MESSAGES = 20;
/** Weeks from which on something is usual. */
const ENOUGH_WEEKS = 3;

/**
 * Judges a day's data by thresholds.
 * @throws RangeError when a count has no rule: query and rules then differ
 */
export function judgeQuality(day: {
  readonly messages: number;
  readonly counts: readonly QualityCount[];
  readonly history: QualityHistory;
}): QualityCheck[] {
  const { messages, counts, history } = day;
  const shares = counts.map(({ name, part, whole }) => {
    const rule = RULES[name];
    if (rule === undefined) throw new RangeError(`The check ${name} has no threshold`);
    const share = whole === 0 ? null : part / whole;
    const threshold = "most" in rule ? rule.most : raised(history.shares.get(name) ?? [], rule.rise);
    const tells = share !== null && threshold !== null && whole >= ENOUGH_MESSAGES;
    return atMost(name, share, threshold, tells);
  });
  return [...volume(messages, history.messages), ...shares];
}

/** A day may have half to twice the messages that its weekday usually has. */
function volume(messages: number, before: readonly number[]): QualityCheck[] {
  const usual = before.length >= ENOUGH_WEEKS ? median(before) : 0;
  const ratio = usual > 0 ? messages / usual : null;
  const tells = ratio !== null && usual >= ENOUGH_MESSAGES;
  return [
    {
      check: "volume_low",
      value: ratio,
      comparison: "at least",
      threshold: LEAST_VOLUME,
      breached: tells && ratio < LEAST_VOLUME,
    },
    atMost("volume_high", ratio, MOST_VOLUME, tells),
  ];
}

const atMost = (
  check: string,
  value: number | null,
  threshold: number | null,
  tells: boolean,
): QualityCheck => ({
  check,
  value,
  comparison: "at most",
  threshold,
  breached: tells && value !== null && threshold !== null && value > threshold,
});

/** The usual share and a rise; at most all, and null before anything is usual. */
const raised = (before: readonly number[], rise: number): number | null =>
  before.length < ENOUGH_WEEKS ? null : Math.min(1, median(before) + rise);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
