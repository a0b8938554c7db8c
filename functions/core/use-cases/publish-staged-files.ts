import { TransientError } from "../domain/errors.ts";
import type { LakeObjects } from "../ports/lake-objects.ts";
import type { RandomAccessFile } from "../ports/lake-row-files.ts";

/** Rows of staged files, one file after the other. @throws TransientError when one is gone: staging ends after two days */
export async function* stagedRows<Row>(
  keys: readonly string[],
  deps: {
    readonly objects: Pick<LakeObjects, "head" | "open">;
    readonly files: { read(file: RandomAccessFile): AsyncIterable<Row> };
  },
): AsyncGenerator<Row> {
  for (const key of keys) {
    const version = await deps.objects.head(key);
    if (!version) throw new TransientError("staging: a file that was listed is gone: it is looked for again");
    yield* deps.files.read(deps.objects.open(key, version));
  }
}
