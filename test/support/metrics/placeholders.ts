/** Words that begin a clause of a SELECT; a `?` belongs to the last one before it, in its parentheses or around them. */
const CLAUSES = new Set([
  "SELECT",
  "FROM",
  "ON",
  "WHERE",
  "GROUP",
  "HAVING",
  "ORDER",
  "LIMIT",
  "OFFSET",
  "WITH",
  "WINDOW",
  "FILTER",
  "OVER",
]);

const TOKENS = /--[^\n]*|'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_]\w*|[()?]/g;

/**
 * The clause that each `?` of a query stands in. AWS takes parameters in WHERE only; that of an aggregate's FILTER is
 * none.
 */
export function clausesOfPlaceholders(sql: string): string[] {
  const found: string[] = [];
  const outer: string[] = [];
  let clause = "";
  for (const [token] of sql.matchAll(TOKENS)) {
    const word = token.toUpperCase();
    if (token === "(") outer.push(clause);
    else if (token === ")") clause = outer.pop() ?? "";
    else if (token === "?") found.push(clause);
    else if (word === "WHERE" && outer.at(-1) === "FILTER") clause = "FILTER";
    else if (CLAUSES.has(word)) clause = word;
  }
  return found;
}
