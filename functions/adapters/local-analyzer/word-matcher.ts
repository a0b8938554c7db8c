/**
 * Tells whether a word is on a list. An entry that ends in `*` stands for all words that begin so.
 * @param entries lower case, without accents
 */
export function wordMatcher(entries: readonly string[]): (word: string) => boolean {
  const whole = new Set(entries.filter((entry) => !entry.endsWith("*")));
  const beginnings = entries.filter((entry) => entry.endsWith("*")).map((entry) => entry.slice(0, -1));
  return (word) => whole.has(word) || beginnings.some((beginning) => word.startsWith(beginning));
}
