import type { LakeDays } from "../ports/lake-days.ts";
import type { LakeObjects, LakeUpload, UploadName } from "../ports/lake-objects.ts";

export interface CommitDeps {
  readonly days: Pick<LakeDays, "read" | "recordUpload" | "forgetUpload">;
  readonly objects: Pick<LakeObjects, "head" | "abort">;
}

/** An upload that has all its bytes, and whose people are in the index of objects by person. */
export interface ReadyUpload {
  readonly day: string;
  /** Its item in `lake-days`. */
  readonly item: string;
  readonly upload: LakeUpload;
  /** ETag of the version it was made from; `undefined`: there was none. */
  readonly replaces: string | undefined;
  readonly exportId: string;
  /** The number of fences by which its rows were filtered. */
  readonly fenceSequence: number;
  /** It leaves people out and changes nothing else. */
  readonly removal?: boolean;
}

/** Rounds of "somebody else's upload is recorded there" before the whole attempt is made again. */
const MAX_FOREIGN = 3;

/**
 * Makes an upload the object's current version. First it is recorded, in one transaction that checks that nobody was
 * fenced since its rows were filtered: an eraser, after its fence, aborts what is recorded and confirms that it is
 * gone, so an upload either came before the fence and is seen by the eraser, or never lands.
 * @returns the version; `undefined` when something came between: nothing of it can land any more, read again
 * @throws TransientError when it is unknown whether it may still land: it stays recorded for the next to abort
 */
export async function commitUpload(
  ready: ReadyUpload,
  deps: CommitDeps,
): Promise<{ readonly versionId: string; readonly etag: string } | undefined> {
  const { day, item, upload, exportId } = ready;
  if (!(await recordUpload(ready, deps))) {
    await deps.objects.abort(upload);
    return undefined;
  }
  const completion = await upload.complete(ready.replaces);
  if (completion.status === "committed") return completion;
  // A repeated call may be refused because the first one landed, and a lost answer may still come true.
  await deps.objects.abort(upload);
  const current = await deps.objects.head(upload.key);
  if (current?.exportId === exportId) return current;
  await deps.days.forgetUpload(day, item, upload);
  return undefined;
}

/** True when the upload is recorded and may be completed. */
async function recordUpload(ready: ReadyUpload, deps: CommitDeps): Promise<boolean> {
  const { day, item, upload, fenceSequence, removal } = ready;
  for (let round = 0; round < MAX_FOREIGN; round++) {
    const foreign = (await deps.days.read(day)).items.get(item)?.upload;
    if (foreign) {
      await deps.objects.abort(foreign);
      // It may have landed before: then its owner is about to say so, and this upload would be refused anyway.
      const current = await deps.objects.head(upload.key);
      if (current?.etag !== ready.replaces) return false;
    }
    const result = await deps.days.recordUpload({
      day,
      item,
      upload: nameOf(upload),
      ...(foreign && { gone: foreign }),
      fenceSequence,
      ...(removal && { removal }),
    });
    if (result !== "foreign") return result === "recorded";
  }
  return false;
}

const nameOf = ({ key, uploadId }: UploadName): UploadName => ({ key, uploadId });
