/** A Trino type taken apart: `row(a bigint, b array(varchar(3)))`. */
export interface TypeSignature {
  /** Name without arguments, such as `timestamp with time zone`. */
  readonly name: string;
  /** Types inside, with the names of a row's fields. */
  readonly inner: readonly { readonly field: string; readonly type: TypeSignature }[];
  /** Numbers in brackets: length, precision, scale. */
  readonly sizes: readonly number[];
}

/** Parses a type as Trino names it. */
export function parseType(text: string): TypeSignature {
  const open = text.indexOf("(");
  if (open < 0) return { name: text.trim(), inner: [], sizes: [] };
  const close = matchingBracket(text, open);
  const name = `${text.slice(0, open)}${text.slice(close + 1)}`.trim();
  const parts = splitArguments(text.slice(open + 1, close));
  if (parts.every((part) => /^\d+$/.test(part))) return { name, inner: [], sizes: parts.map(Number) };
  const inner = parts.map((part) => {
    if (name !== "row") return { field: "", type: parseType(part) };
    const [, quoted, plain = "", rest = ""] = /^(?:"((?:[^"]|"")*)"|(\S+))\s+(.*)$/s.exec(part) ?? [];
    if (rest === "") return { field: "", type: parseType(part) };
    return { field: quoted?.replaceAll('""', '"') ?? plain, type: parseType(rest) };
  });
  return { name, inner, sizes: [] };
}

function matchingBracket(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '"') at = text.indexOf('"', at + 1);
    else if (text[at] === "(") depth += 1;
    else if (text[at] === ")" && --depth === 0) return at;
  }
  throw new Error(`type ${text} has an open bracket`);
}

function splitArguments(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = text.indexOf('"', at + 1);
    else if (text[at] === "(") at = matchingBracket(text, at);
    else if (text[at] === ",") {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}
