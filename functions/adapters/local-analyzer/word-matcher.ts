/**
 * Tells whether a word is on a list. An entry that ends in `*` stands for all words that begin so. The time
 * of a look-up depends on the word's length, not on the list's.
 * @param entries lower case, without accents
 */
export function wordMatcher(entries: readonly string[]): (word: string) => boolean {
  const whole = new Set(entries.filter((entry) => !entry.endsWith("*")));
  const beginnings = new Set(
    entries.filter((entry) => entry.endsWith("*")).map((entry) => entry.slice(0, -1)),
  );
  const lengths = [...new Set([...beginnings].map(({ length }) => length))].sort((a, b) => a - b);
  return (word) =>
    whole.has(word) ||
    lengths.some((length) => length <= word.length && beginnings.has(word.slice(0, length)));
}
