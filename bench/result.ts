import type { Spread } from "./statistics.ts";

/** One line of the table of benchmarks. */
export interface Result {
  /** What was measured. */
  readonly what: string;
  /** The figure, with its unit. */
  readonly measured: string;
  /** What it is held against, with its figure. */
  readonly against: string;
  /** What the figure must be; left out where it is only reported. */
  readonly target?: { readonly text: string; readonly met: boolean };
  /** Every number behind the line, for the JSON file. */
  readonly figures: Readonly<Record<string, number | Spread>>;
}

/** 12,345, 12.3 or 0.0012: as many digits as say something. */
export function number(value: number): string {
  const size = Math.abs(value);
  return size >= 1
    ? value.toLocaleString("en-US", { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 })
    : value.toLocaleString("en-US", { maximumSignificantDigits: 2 });
}

/** `12.3 (11–14)`: the median, the least and the most. */
export const spreadText = ({ median, least, most }: Spread, unit = ""): string =>
  `${number(median)}${unit} (${number(least)}–${number(most)})`;

/** `10` becomes `≥ 10 ×`, met or not. */
export const atLeast = (wanted: number, value: number, unit = ""): NonNullable<Result["target"]> => ({
  text: `≥ ${number(wanted)}${unit}`,
  met: value >= wanted,
});

export const atMost = (wanted: number, value: number, unit = ""): NonNullable<Result["target"]> => ({
  text: `≤ ${number(wanted)}${unit}`,
  met: value <= wanted,
});
