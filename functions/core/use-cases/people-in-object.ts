import { PermanentError } from "../domain/errors.ts";
import { USER_BEHAVIOR, USER_PATTERNS, type UserRow, type UserTable } from "../domain/user-tables.ts";
import type { LakeRowFiles, RandomAccessFile } from "../ports/lake-row-files.ts";
import { unpackMember } from "./erasure/gzip-members.ts";
import { loggedPerson } from "./erasure/record-owners.ts";
import type { NamedInFile } from "./restore-fence-bucket.ts";

export interface PeopleInObjectDeps {
  readonly messages: Pick<LakeRowFiles, "read">;
  readonly userRows: (table: UserTable) => { read(file: RandomAccessFile): AsyncIterable<UserRow> };
}

/** Everybody in an object of the lake, by its key; `undefined` of objects that hold nobody. */
export function peopleInObject(
  key: string,
  file: RandomAccessFile,
  deps: PeopleInObjectDeps,
): AsyncIterable<NamedInFile> | undefined {
  if (key.startsWith("conversations/") && key.endsWith(".parquet")) return inRows(deps.messages.read(file));
  if (key === USER_PATTERNS.key("")) return inRows(deps.userRows(USER_PATTERNS).read(file));
  if (key.startsWith("analytics/user_behavior/") && key.endsWith(".parquet"))
    return inRows(deps.userRows(USER_BEHAVIOR).read(file));
  if (key.startsWith("logs/") && key.endsWith(".gz")) return inLines(file);
  return undefined;
}

async function* inRows(
  rows: AsyncIterable<{ readonly user_id: string; readonly generation: bigint }>,
): AsyncGenerator<NamedInFile> {
  for await (const { user_id, generation } of rows) yield { name: user_id, generation: Number(generation) };
}

async function* inLines(file: RandomAccessFile): AsyncGenerator<NamedInFile> {
  const decoder = new TextDecoder();
  let rest = "";
  for (let start = 0; start < file.byteLength; ) {
    const member = unpackMember(file, start);
    let piece = await member.next();
    for (; !piece.done; piece = await member.next()) {
      const lines = (rest + decoder.decode(piece.value, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield* namedIn(line);
    }
    start = piece.value;
  }
  yield* namedIn(rest);
}

function namedIn(line: string): NamedInFile[] {
  if (line === "") return [];
  const { names, generation } = loggedPerson(recordOf(line));
  return names.map((name) => ({ name, generation }));
}

function recordOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new PermanentError(
      "restore fence: a line of a training log is no JSON: remove that object, the next export writes it anew",
    );
  }
}
