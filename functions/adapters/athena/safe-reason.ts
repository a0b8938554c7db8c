/** Failures whose words name tables, columns, files and limits only. Others may quote rows or parameters. */
const NAMES_ONLY =
  /^(?:(?:CATALOG|SCHEMA|TABLE|COLUMN|FUNCTION)_NOT_FOUND|AMBIGUOUS_NAME|TYPE_MISMATCH|HIVE_(?:BAD_DATA|CANNOT_OPEN_SPLIT|FILESYSTEM_ERROR|INVALID_METADATA|METASTORE_ERROR|PARTITION_SCHEMA_MISMATCH)|EXCEEDED_\w+|PERMISSION_DENIED|INVALID_PARAMETER_USAGE)$/;
/** Names between quotes that a reader needs and no value can be. */
const QUOTES_NAMES = /_NOT_FOUND$/;
/** Characters of a reason that are kept. */
const MAX_LENGTH = 300;

/**
 * What may be said of Athena's reason: the error's name and its position in the query, and its words where these
 * name no more than tables, columns, files and limits. Never the query's text, a parameter or a row's value.
 */
export function safeReason(reason: string): string {
  const [, code = "", rest = ""] = /^([A-Z][A-Z0-9_]+): (.*)$/s.exec(reason) ?? [];
  if (code === "") return shorten(withoutQuoted(reason));
  if (QUOTES_NAMES.test(code)) return shorten(reason);
  if (NAMES_ONLY.test(code)) return shorten(`${code}: ${withoutQuoted(rest)}`);
  const position = /^line \d+:\d+/.exec(rest)?.[0];
  return position === undefined ? code : `${code}: ${position}`;
}

function withoutQuoted(text: string): string {
  return text.replaceAll(/'(?:[^']|'')*'|"(?:[^"]|"")*"|['"].*$/gs, "'…'");
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text;
}
