import type { LakeRow } from "../../core/domain/lake-row.ts";
import { type LakeSchema, MESSAGES } from "../../core/domain/lake-schema.ts";
import type { RandomAccessFile } from "../../core/ports/lake-row-files.ts";
import type { LakeFileContents, LakeRowRemoval } from "../../core/ports/lake-row-removal.ts";
import { copyThrough } from "./copy-through.ts";
import { decodeGroup, groupBytes } from "./decode-group.ts";
import { fileContents } from "./file-contents.ts";
import { schemaInFile } from "./file-schema.ts";
import { readFooter } from "./footer.ts";
import type { LakeWriter } from "./lake-row-files.ts";
import { ownFile } from "./own-file.ts";
import { PERSON_COLUMNS, RemovedPeople } from "./removed-people.ts";
import { rewriteWhole } from "./rewrite-whole.ts";
import type { TableRow } from "./row-groups.ts";

/** Removes people from files of the table `messages`. */
export const createMessageRowRemoval = (writer?: LakeWriter): LakeRowRemoval & LakeFileContents =>
  createLakeRowRemoval<LakeRow>(MESSAGES, writer);

/**
 * Removes people from files of any table with `user_id` and `generation`.
 * @param writer of files that must be written whole: those of other programs, and those without bounds
 */
export function createLakeRowRemoval<Row extends TableRow = TableRow>(
  table: LakeSchema,
  writer: LakeWriter = "hyparquet",
): LakeRowRemoval<Row> & LakeFileContents {
  async function opened(file: RandomAccessFile) {
    const footer = await readFooter(file);
    const schema = schemaInFile(table, PERSON_COLUMNS, footer.metadata.schema);
    return { file, schema, metadata: footer.metadata, start: footer.start, own: ownFile(schema, footer) };
  }

  return {
    async count(file, persons, which = "possible") {
      const { metadata, start, own } = await opened(file);
      const people = new RemovedPeople(persons);
      const bounded = which === "possible" ? own?.groups : undefined;
      const groups =
        bounded?.filter(({ least, most }) => people.anyWithin(least, most)).map(({ group }) => group) ??
        metadata.row_groups.filter(({ num_rows }) => num_rows > 0n);
      for (const group of groups) {
        const [users = [], generations = []] = await Promise.all(
          PERSON_COLUMNS.map(async (column) => {
            const range = groupBytes(group, [column], start);
            const bytes = await file.slice(range.start, range.end);
            return (await decodeGroup(metadata, range, [column], bytes))[0];
          }),
        );
        for (const [row, user] of Array.from(users).entries()) people.fateOf(user, generations[row]);
      }
      return people.met;
    },

    async remove(file, persons, sink, onRemoved) {
      const { own, ...from } = await opened(file);
      const people = new RemovedPeople(persons);
      const gone = (row: TableRow): void => onRemoved(inTable(table, row) as Row);
      if (own) return copyThrough({ ...own, ...from }, people, sink, gone);
      const groups = from.metadata.row_groups.filter(({ num_rows }) => num_rows > 0n).length;
      return rewriteWhole({ ...from, groups }, writer, people, sink, gone);
    },

    contents: fileContents,
  };
}

/** A file's row with every column of the table, and no other. */
const inTable = ({ columns }: LakeSchema, row: TableRow): TableRow =>
  Object.fromEntries(columns.map(({ name }) => [name, row[name] ?? null]));
