import type { LakeValue } from "../../core/domain/lake-row.ts";
import type { LakeSchema } from "../../core/domain/lake-schema.ts";
import type { ByteSink, RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import type { RowRemoval } from "../../core/ports/lake-row-removal.ts";
import { COPY_BYTES, type Piece, piecesOf, readAhead, readExactly } from "./copy-pieces.ts";
import { decodeGroup } from "./decode-group.ts";
import { FileAssembly } from "./file-assembly.ts";
import { type Footer, noSuchFile, readFooter } from "./footer.ts";
import { writeGroups } from "./hyparquet-rows.ts";
import { type OwnFile, type OwnGroup, ownFile } from "./own-file.ts";
import type { SourceBytes } from "./page-indexes.ts";
import { PERSON_COLUMNS, type RemovedPeople } from "./removed-people.ts";
import type { RowGroup, TableRow } from "./row-groups.ts";

/** A file of this program, and the schema it was written with. */
export interface CopiedFile extends OwnFile {
  readonly file: RandomAccessFile;
  readonly schema: LakeSchema;
  readonly metadata: Footer["metadata"];
  /** Where its footer starts. */
  readonly start: number;
}

/**
 * Writes a file without people: row groups that hold none of them are copied byte for byte, the others are encoded
 * anew by the writer that made them, or left out.
 */
export async function copyThrough(
  from: CopiedFile,
  people: RemovedPeople,
  sink: ByteSink,
  onRemoved: (row: TableRow) => void,
): Promise<RowRemoval> {
  const assembly = new FileAssembly(sink);
  const source = indexSource(from);
  const done = { copied: 0, encoded: 0, dropped: 0, copiedBytes: 0, encodedBytes: 0 };
  const copy = async ({ start, begins }: Piece, bytes: ArrayBuffer): Promise<void> => {
    for (const group of begins) await assembly.add(group.raw, group.start, group.start - start, source);
    await assembly.write(new Uint8Array(bytes));
    done.copied += begins.length;
    done.copiedBytes += bytes.byteLength;
  };
  await assembly.begin();
  for await (const [piece, bytes] of readAhead(from.file, piecesOf(from.groups, people))) {
    const left = piece.decoded && (await withoutPeople(from, piece.decoded, bytes, people, onRemoved));
    if (left === undefined) await copy(piece, bytes);
    else if (left.rows === 0) done.dropped++;
    else {
      done.encoded++;
      done.encodedBytes += await addEncoded(assembly, from.schema, left);
    }
  }
  await assembly.finish(from.footer);
  return { rows: assembly.rows, removed: people.removed, staying: people.staying, ...done };
}

/** Indexes lie together between rows and footer: one request for all of them, unless they are many. */
function indexSource({ file, groups, start: end }: CopiedFile): SourceBytes {
  const start = Math.max(0, ...groups.map((group) => group.end));
  if (end - start > COPY_BYTES) return (from, to) => readExactly(file, from, to);
  let all: Promise<ArrayBuffer> | undefined;
  return async (from, to) => {
    if (from < start || to > end) throw noSuchFile("an index lies outside of where they are");
    all ??= readExactly(file, start, end);
    return (await all).slice(from - start, to - start);
  };
}

/** @returns what is left of a group; `undefined` where that is all of it */
async function withoutPeople(
  { schema, metadata }: CopiedFile,
  group: OwnGroup,
  bytes: ArrayBuffer,
  people: RemovedPeople,
  onRemoved: (row: TableRow) => void,
): Promise<RowGroup | undefined> {
  const [users = [], generations = []] = await decodeGroup(metadata, group, PERSON_COLUMNS, bytes);
  const goes = Array.from(users, (user, row) => people.fateOf(user, generations[row]) === "goes");
  if (!goes.includes(true)) return undefined;
  const names = schema.columns.map(({ name }) => name);
  const decoded = (await decodeGroup(metadata, group, names, bytes)) as ArrayLike<LakeValue>[];
  const left: number[] = [];
  for (const [row, isGone] of goes.entries())
    if (!isGone) left.push(row);
    else onRemoved(Object.fromEntries(names.map((name, at) => [name, decoded[at]?.[row] ?? null])));
  return { rows: left.length, columns: decoded.map((values) => left.map((row) => values[row] ?? null)) };
}

/** Adds a group by way of a file of its own. @returns its bytes */
async function addEncoded(assembly: FileAssembly, schema: LakeSchema, group: RowGroup): Promise<number> {
  const chunks: Uint8Array[] = [];
  await writeGroups(schema, [group], async (chunk) => void chunks.push(chunk));
  const bytes = new Uint8Array(Buffer.concat(chunks));
  const slice: SourceBytes = async (start, end) => bytes.slice(start, end).buffer;
  const footer = await readFooter({ byteLength: bytes.byteLength, slice });
  const encoded = ownFile(schema, footer)?.groups[0];
  if (encoded === undefined) throw noSuchFile("a row group that was encoded anew has no bounds");
  const { raw, start, end } = encoded;
  await assembly.add(raw, start, 0, slice);
  await assembly.write(bytes.subarray(start, end));
  return end - start;
}
