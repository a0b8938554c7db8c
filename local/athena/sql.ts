import { InvalidRequest } from "./errors.ts";

/** A word, a number, a quoted text or a sign of SQL; comments and spaces are left out. */
export interface Token {
  readonly kind: "word" | "text" | "sign";
  /** Words in upper case. */
  readonly text: string;
  readonly at: number;
}

const TOKEN =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|('(?:[^']|'')*'|"(?:[^"]|"")*")|([A-Za-z_][\w$]*|\d[\w.]*)|([\s\S])/gy;

/** Takes SQL apart, far enough to tell parameters from question marks in texts, names and comments. */
export function tokenize(sql: string): Token[] {
  return [...sql.matchAll(TOKEN)].flatMap(({ 1: text, 2: word, 3: sign, index: at }): Token[] => {
    if (text !== undefined) return [{ kind: "text", text, at }];
    if (word !== undefined) return [{ kind: "word", text: word.toUpperCase(), at }];
    return sign === undefined ? [] : [{ kind: "sign", text: sign, at }];
  });
}

/** A statement that the endpoint runs. */
export interface ParsedStatement {
  /** Without the semicolon that may end it. */
  readonly sql: string;
  readonly statementType: "DML" | "UTILITY";
  /** Athena's name for the kind of statement. */
  readonly substatementType: string;
  /** How many parameters it asks for. */
  readonly parameters: number;
}

const QUERIES = new Set(["SELECT", "WITH", "VALUES", "TABLE", "("]);
const UTILITIES: Readonly<Record<string, string>> = {
  SHOW: "SHOW",
  DESCRIBE: "DESCRIBE_TABLE",
  DESC: "DESCRIBE_TABLE",
  EXPLAIN: "EXPLAIN",
};

/**
 * Looks at a statement before it runs: what kind it is, and whether its parameters are where Athena takes them.
 * @throws InvalidRequest for what Athena refuses, and for what only Athena itself can do
 */
export function parseStatement(given: string): ParsedStatement {
  const tokens = tokenize(given);
  const last = tokens.at(-1);
  const ends = last?.text === ";" && last.kind === "sign";
  const sql = withSchemas(ends ? given.slice(0, last.at) : given, tokens);
  const inner = ends ? tokens.slice(0, -1) : tokens;
  const [first] = inner;
  if (!first) throw new InvalidRequest("Queries of this type are not supported");
  if (inner.some(({ kind, text }) => kind === "sign" && text === ";"))
    throw new InvalidRequest("Only one sql statement is allowed. Got: several");
  const parameters = countParameters(inner);
  const utility = first.kind === "word" ? UTILITIES[first.text] : undefined;
  if (utility !== undefined) return { sql, statementType: "UTILITY", substatementType: utility, parameters };
  if (first.kind !== "text" && QUERIES.has(first.text))
    return { sql, statementType: "DML", substatementType: "SELECT", parameters };
  throw new InvalidRequest(
    `Queries of this type are not supported: the local Athena reads (SELECT, WITH, VALUES, SHOW, DESCRIBE, EXPLAIN); ` +
      "tables come from the CDK app and their rows from the export",
  );
}

/** Words that begin a clause; what follows WHERE belongs to it until the next of these on the same level. */
const CLAUSES = new Set(
  ["SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "WINDOW"].concat([
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "VALUES",
    "ON",
    "JOIN",
    "WITH",
  ]),
);

/** Counts `?` and refuses those outside of WHERE, as Athena's documentation does. */
function countParameters(tokens: readonly Token[]): number {
  let count = 0;
  let clause = "";
  const outer: string[] = [];
  for (const [index, { kind, text }] of tokens.entries()) {
    // `IS DISTINCT FROM` begins no clause.
    if (kind === "word" && CLAUSES.has(text) && tokens[index - 1]?.text !== "DISTINCT") clause = text;
    if (kind !== "sign") continue;
    if (text === "(") outer.push(clause);
    if (text === ")") clause = outer.pop() ?? clause;
    if (text !== "?") continue;
    count += 1;
    if (clause !== "WHERE")
      throw new InvalidRequest(
        `Parameters are allowed in the WHERE clause only; number ${count} is ${clause ? `in ${clause}` : "outside"}`,
      );
  }
  return count;
}

/** The statement with its parameters, as Trino takes both. Each parameter is the SQL of one literal. */
export function bindParameters(sql: string, parameters: readonly string[]): string {
  if (parameters.length === 0) return sql;
  return `EXECUTE IMMEDIATE '${sql.replaceAll("'", "''")}' USING ${parameters.join(", ")}`;
}

/** Athena says databases where Trino says schemas. */
function withSchemas(sql: string, [first, second]: readonly Token[]): string {
  if (first?.text !== "SHOW" || second?.text !== "DATABASES") return sql;
  return `${sql.slice(0, second.at)}SCHEMAS${sql.slice(second.at + second.text.length)}`;
}
