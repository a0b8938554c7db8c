import type { SchemaElement } from "hyparquet";
import type { LakeColumn, LakeSchema, LakeType } from "../../core/domain/lake-schema.ts";
import { noSuchFile } from "./footer.ts";
import { STORED } from "./parquet-schema.ts";
import { isReadable } from "./read-rows.ts";

/**
 * A table's schema as one of its files has it: columns in the file's order, null where the file allows it, without
 * those it does not have, and with those that the table does not know, so that rewriting loses nothing.
 * @param needed columns that the file must have
 * @throws PermanentError when it is no file of this table, or has a column that could not be written again
 */
export function schemaInFile(
  schema: LakeSchema,
  needed: readonly string[],
  [, ...elements]: readonly SchemaElement[],
): LakeSchema {
  const known = new Map(schema.columns.map((column) => [column.name, column]));
  for (const name of [...schema.order, ...needed])
    if (!elements.some((element) => element.name === name))
      throw noSuchFile(`it has no column ${name}, which ${schema.table} needs`);
  const columns = elements.map((element, index): LakeColumn => {
    const column = known.get(element.name) ?? unknownColumn(element);
    if (column === undefined)
      throw noSuchFile(`its column ${index + 1} is neither of ${schema.table} nor of a type of the lake`);
    if (!isReadable(column, element)) throw noSuchFile(`its column ${column.name} is no ${column.type}`);
    return { ...column, nullable: element.repetition_type !== "REQUIRED" };
  });
  return { ...schema, columns };
}

/** A column of another time: nothing is known of it but how it is stored. */
function unknownColumn({ name, type, converted_type }: SchemaElement): LakeColumn | undefined {
  const types = Object.keys(STORED) as LakeType[];
  const found = types.find(
    (one) => STORED[one].type === type && STORED[one].converted_type === converted_type,
  );
  return found && { name, type: found, nullable: true, personal: true, meaning: "" };
}
