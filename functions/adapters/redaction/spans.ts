/** What stands in place of what was taken out. */
export type Label = "[EMAIL]" | "[ACCOUNT]" | "[CARD]" | "[ID]" | "[PHONE]";

/** Part of a text, from `start` to `end` (exclusive). */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly label: Label;
}

/** Finds what identifies people in a text that `plainText` made. */
export type Finder = (text: string) => Iterable<Span>;

const SEPARATORS = /[\u00A0\u2000-\u200A\u202F\u205F\u3000]/g;
const DASHES = /[\u2010-\u2015\u2212\uFE63\uFF0D]/g;
const FULL_WIDTH = /[\uFF10-\uFF19]/g;

/** The text with every kind of space, dash and full-width digit as its plain one, each at the same place. */
export const plainText = (text: string): string =>
  text
    .replace(SEPARATORS, " ")
    .replace(DASHES, "-")
    .replace(FULL_WIDTH, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xff10 + 0x30));

/** Where a pattern (flag `g`) matches and its match is accepted. A group named `it` narrows the span (flag `d`). */
export function* matches(
  text: string,
  pattern: RegExp,
  label: Label,
  accept: (match: string) => boolean = () => true,
): Generator<Span> {
  for (const match of text.matchAll(pattern)) {
    const [start, end] = match.indices?.groups?.["it"] ?? [match.index, match.index + match[0].length];
    if (accept(text.slice(start, end))) yield { start, end, label };
  }
}

/** Puts labels in place of spans; where some overlap, one label stands for all of them: that of the first given. */
export function replaceSpans(text: string, spans: readonly Span[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, label } of joinOverlapping(spans)) {
    parts.push(text.slice(at, start), label);
    at = end;
  }
  return parts.length === 0 ? text : parts.join("") + text.slice(at);
}

function joinOverlapping(spans: readonly Span[]): Span[] {
  const joined: (Span & { readonly rank: number })[] = [];
  const ranked = spans.map((span, rank) => ({ ...span, rank })).sort((a, b) => a.start - b.start);
  for (const span of ranked) {
    const last = joined.at(-1);
    if (last === undefined || span.start >= last.end) joined.push(span);
    else {
      const { label, rank } = span.rank < last.rank ? span : last;
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end), label, rank };
    }
  }
  return joined;
}
