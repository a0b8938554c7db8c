/** What a sentence is, and what was said of it. */
export interface Judged {
  readonly actual: string;
  readonly predicted: string;
}

/** Share of right answers, 0 to 1. */
export const accuracy = (judged: readonly Judged[]): number =>
  judged.filter(({ actual, predicted }) => actual === predicted).length / judged.length;

/** Mean of the F1 of each label that occurs among the actual ones, 0 to 1. */
export function macroF1(judged: readonly Judged[]): number {
  const labels = labelsOf(judged);
  return labels.reduce((sum, label) => sum + f1(judged, label), 0) / labels.length;
}

export function f1(judged: readonly Judged[], label: string): number {
  const right = judged.filter(({ actual, predicted }) => actual === label && predicted === label).length;
  const said = judged.filter(({ predicted }) => predicted === label).length;
  const are = judged.filter(({ actual }) => actual === label).length;
  return right === 0 ? 0 : (2 * right) / (said + are);
}

/** The labels that occur among the actual ones, the commonest first. */
export function labelsOf(judged: readonly Judged[]): string[] {
  const counts = new Map<string, number>();
  for (const { actual } of judged) counts.set(actual, (counts.get(actual) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([label]) => label);
}

/** The answers of always saying the commonest label. */
export function majority(judged: readonly Judged[]): Judged[] {
  const commonest = labelsOf(judged)[0] ?? "";
  return judged.map(({ actual }) => ({ actual, predicted: commonest }));
}
