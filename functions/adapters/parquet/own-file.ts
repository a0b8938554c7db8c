import { isDeepStrictEqual } from "node:util";
import type { SchemaElement } from "hyparquet";
import type { LakeSchema } from "../../core/domain/lake-schema.ts";
import { type GroupBytes, groupBytes } from "./decode-group.ts";
import type { Footer } from "./footer.ts";
import { HYPARQUET_WRITER } from "./hyparquet-rows.ts";
import { fileMetadata, parquetSchemaOf } from "./parquet-schema.ts";
import { parseFooter, type RawFooter, type RawGroup } from "./raw-footer.ts";

/** A file whose row groups can be copied byte for byte. */
export interface OwnFile {
  readonly footer: RawFooter;
  readonly groups: readonly OwnGroup[];
}

/** A row group that lies in one piece, and between which user ids its rows are. */
export interface OwnGroup extends GroupBytes {
  readonly raw: RawGroup;
  readonly least: Uint8Array;
  readonly most: Uint8Array;
}

/**
 * A file as this program writes it with hyparquet-writer. Of others nothing is taken for granted: bounds may be
 * missing or in another order, and footers may hold personal data.
 * @param schema as it is in the file
 * @returns `undefined` where anything is not as this program writes it
 */
export function ownFile(schema: LakeSchema, { metadata, start, bytes }: Footer): OwnFile | undefined {
  const { created_by, key_value_metadata = [] } = metadata;
  const isOurs =
    created_by === HYPARQUET_WRITER &&
    isDeepStrictEqual(key_value_metadata, fileMetadata(schema)) &&
    isDeepStrictEqual(metadata.schema.map(withoutAbsent), parquetSchemaOf(schema).map(withoutAbsent));
  const footer = isOurs ? parseFooter(bytes) : undefined;
  if (footer === undefined) return undefined;
  const names = schema.columns.map(({ name }) => name);
  const user = names.indexOf("user_id");
  const groups: OwnGroup[] = [];
  for (const [index, group] of metadata.row_groups.entries()) {
    const raw = footer.field_4[index];
    const { field_5: most, field_6: least } = raw?.field_1[user]?.field_3.field_12 ?? {};
    if (!raw || !least || !most) return undefined;
    const range = groupBytes(group, names, start);
    const held = raw.field_1.reduce((sum, { field_3 }) => sum + field_3.field_7, 0n);
    // Else there would be bytes between its columns that nobody knows.
    if (raw.field_1.length !== names.length || held !== BigInt(range.end - range.start)) return undefined;
    groups.push({ ...range, raw, least, most });
  }
  return { footer, groups };
}

/** Readers put `undefined` where there is nothing. */
const withoutAbsent = (element: SchemaElement): object =>
  Object.fromEntries(Object.entries(element).filter(([, value]) => value !== undefined));
