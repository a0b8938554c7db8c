import { createLakeRowFiles } from "../functions/adapters/parquet/lake-row-files.ts";
import type { LakeRow } from "../functions/core/domain/lake-row.ts";
import { intoFile } from "./file-access.ts";
import { benchUser, chatOf } from "./lake-rows.ts";

/** Messages of a person on the day that people are erased from. */
export const ERASED_EACH = 150;

/** Writes a day of so many rows, 150 of each person, to a file as the lake has it. */
export async function writeEraseDay(path: string, rows: number): Promise<void> {
  async function* made(): AsyncGenerator<LakeRow> {
    for (let count = 0; count < rows; count += ERASED_EACH)
      yield* chatOf(count / ERASED_EACH, Math.min(ERASED_EACH, rows - count));
  }
  await intoFile(path, (sink) => createLakeRowFiles("hyparquet").write(made(), sink));
}

/** One of the people of such a day. */
export const eraseUser = benchUser;
