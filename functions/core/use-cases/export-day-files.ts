import { createHash } from "node:crypto";
import { LakeRowsHash } from "../domain/lake-hash.ts";
import { lakeObjectKey, objectItem, sideFileItem } from "../domain/lake-keys.ts";
import type { LakeRow } from "../domain/lake-row.ts";
import type { LakeManifest } from "../ports/lake-days.ts";
import type { LakeVersion } from "../ports/lake-objects.ts";
import type { LakeRowFiles } from "../ports/lake-row-files.ts";
import type { LakeSideFile, LakeSideFiles } from "../ports/lake-side-file.ts";
import { LakeFile, type LakeFileDeps } from "./export-lake-file.ts";
import { tellingRows } from "./export-live-rows.ts";

/** Bytes of Parquet; its official type since 2024. */
const PARQUET_TYPE = "application/vnd.apache.parquet";

export interface DayFilesDeps extends LakeFileDeps {
  readonly files: Pick<LakeRowFiles, "write">;
  readonly sideFiles?: LakeSideFiles;
}

/** What holds for one attempt, read before any row. */
export interface AttemptBase {
  readonly day: string;
  readonly object: number;
  readonly objects: number;
  readonly fenceSequence: number;
  readonly readAt: string;
  readonly marks: LakeManifest["marks"];
  /** Versions that are replaced. */
  readonly base: LakeVersion | undefined;
  readonly sideBase: LakeVersion | undefined;
  readonly exportId: string;
}

/** What was written. Counts only. */
export interface WrittenFiles {
  readonly rows: number;
  readonly people: number;
  readonly indexed: number;
  readonly bytes: number;
  readonly sideFile?: { readonly records: number; readonly bytes: number };
}

/**
 * Writes the lake object and its side file from one pass over the rows, and commits one after the other.
 * @returns `undefined` when something came between: nothing that is not committed can land any more
 */
export async function writeDayFiles(
  pages: AsyncIterable<LakeRow[]>,
  attempt: AttemptBase,
  deps: DayFilesDeps,
): Promise<WrittenFiles | undefined> {
  const { day, object, objects, base, marks, readAt } = attempt;
  const lake = await LakeFile.begin(
    {
      ...attempt,
      item: objectItem(object),
      key: lakeObjectKey(day, object, objects),
      contentType: PARQUET_TYPE,
      base,
    },
    deps,
  );
  const begun = [lake];
  try {
    const side = deps.sideFiles && (await SideFile.begin(deps.sideFiles, attempt, deps));
    if (side) begun.push(side.file);
    const hash = new LakeRowsHash();
    const told = tellingRows(pages, { hash, indexer: lake.indexer, sideFile: side?.writer });
    const rows = await deps.files.write(told, lake.sink);
    await lake.end();
    const sideContent = await side?.end();
    if (!(await lake.commit({ rows, contentHash: hash.digest(), marks, readAt }))) {
      await side?.file.abandon();
      return undefined;
    }
    if (side && sideContent && !(await side.file.commit({ ...sideContent, marks, readAt }))) return undefined;
    return {
      rows,
      people: lake.indexer.count,
      indexed: lake.indexer.written + (side?.file.indexer.written ?? 0),
      bytes: lake.bytes,
      ...(side && sideContent && { sideFile: { records: sideContent.rows, bytes: side.file.bytes } }),
    };
  } catch (error) {
    await Promise.all(begun.map((file) => file.abandon()));
    throw error;
  }
}

/** The second file of a pass, with the hash of its bytes. */
class SideFile {
  readonly file: LakeFile;
  readonly writer: LakeSideFile;
  readonly #hash = createHash("sha256");

  private constructor(file: LakeFile, kind: LakeSideFiles, attempt: AttemptBase) {
    const { day, object, objects } = attempt;
    this.file = file;
    this.writer = kind.open({
      day,
      object,
      objects,
      sink: (chunk) => {
        this.#hash.update(chunk);
        return file.sink(chunk);
      },
      holds: (userId, generation) => file.indexer.add(userId, generation),
    });
  }

  static async begin(kind: LakeSideFiles, attempt: AttemptBase, deps: LakeFileDeps): Promise<SideFile> {
    const { day, object, objects, sideBase } = attempt;
    const place = {
      ...attempt,
      item: sideFileItem(object),
      key: kind.key(day, object, objects),
      contentType: kind.contentType,
      base: sideBase,
    };
    return new SideFile(await LakeFile.begin(place, deps), kind, attempt);
  }

  async end(): Promise<{ readonly rows: number; readonly contentHash: string }> {
    const rows = await this.writer.end();
    await this.file.end();
    return { rows, contentHash: this.#hash.digest("hex") };
  }
}
