import { mapBounded } from "../../domain/batches.ts";
import type { ErasureTarget } from "../../domain/erasure.ts";
import type { LakeDays } from "../../ports/lake-days.ts";
import type { LakeObjects, LakeVersions, UploadName } from "../../ports/lake-objects.ts";
import type { PersonObjects } from "../../ports/person-objects.ts";

export interface AbortUploadsDeps {
  readonly days: Pick<LakeDays, "recordedUploads">;
  readonly objects: Pick<LakeObjects, "abort">;
  readonly versions: Pick<LakeVersions, "uploads">;
  readonly people: Pick<PersonObjects, "list">;
}

/** What was aborted, and confirmed to be gone. */
export interface AbortedUploads {
  /** Recorded in `lake-days`: they might have landed. */
  readonly recorded: number;
  /** Not recorded, to objects that hold one of the people: leftovers of who was killed, or of who begins again now. */
  readonly unrecorded: number;
}

const AT_ONCE = 8;

/**
 * After the fence: aborts what may still land with rows of the fenced people. A recorded upload was checked against the
 * fences before; one that is recorded from now on was filtered by this fence. The list of recorded ones lags: an upload that it
 * misses lands within its writer's life, which is the drain, and the erasers see it then.
 * Harmless to repeat; a writer whose upload is aborted begins again.
 * @throws TransientError | PermanentError: then an upload may be left, and the erasure must not go on
 */
export async function abortUploads(
  targets: readonly Pick<ErasureTarget, "user_id">[],
  { days, objects, versions, people }: AbortUploadsDeps,
): Promise<AbortedUploads> {
  const recorded = new Map<string, UploadName>();
  for (const { upload } of await days.recordedUploads()) recorded.set(upload.uploadId, upload);
  // All unfinished uploads of the bucket: few, for the bucket's rules end them; the people's objects may be many.
  const unfinished: UploadName[] = [];
  for await (const upload of versions.uploads("")) {
    if (!recorded.has(upload.uploadId)) unfinished.push(upload);
  }
  const keys = new Set(unfinished.map(({ key }) => key));
  const touched = new Set<string>();
  if (keys.size > 0) {
    await mapBounded(targets, AT_ONCE, async ({ user_id }) => {
      for await (const { key } of people.list(user_id, "")) if (keys.has(key)) touched.add(key);
    });
  }
  const unrecorded = unfinished.filter(({ key }) => touched.has(key));
  // They stay recorded until the next writer has looked what became of them.
  await mapBounded([...recorded.values(), ...unrecorded], AT_ONCE, (upload) => objects.abort(upload));
  return { recorded: recorded.size, unrecorded: unrecorded.length };
}
