/** The middle of repeated measurements, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @param values at least one measurement, in any unit */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const least = sorted[0];
  const most = sorted.at(-1);
  if (least === undefined || most === undefined) throw new RangeError("no measurements");
  const below = sorted[Math.floor((sorted.length - 1) / 2)] ?? least;
  const above = sorted[Math.ceil((sorted.length - 1) / 2)] ?? most;
  return { median: (below + above) / 2, least, most };
}

/**
 * Runs contestants in turn, round after round, so that whatever else the machine does falls on all of them alike.
 * Each round starts with another one.
 * @param contestants each returns one measurement
 * @param rounds measurements of each; one round before them warms up and does not count
 */
export async function interleave<Name extends string>(
  contestants: Readonly<Record<Name, () => Promise<number>>>,
  rounds: number,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(contestants) as Name[];
  const measured = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = -1; round < rounds; round++)
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + 1) % names.length] as Name;
      const value = await contestants[name]();
      if (round >= 0) measured[name].push(value);
    }
  return measured;
}

/** Ratios of measurements of the same round: a slow moment of the machine is in both. */
export const ratios = (of: readonly number[], to: readonly number[]): number[] =>
  of.map((value, round) => value / (to[round] ?? Number.NaN));
