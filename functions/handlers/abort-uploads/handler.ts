import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { erasureInputSchema } from "../../core/contracts/user-erasure.ts";
import type { ErasureRequests } from "../../core/ports/erasure-requests.ts";
import {
  type AbortedUploads,
  type AbortUploadsDeps,
  abortUploads,
} from "../../core/use-cases/erasure/abort-uploads.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface AbortUploadsHandlerDeps extends AbortUploadsDeps {
  readonly requests: Pick<ErasureRequests, "subjects">;
  readonly log: Log;
}

/** Function `abort-uploads`, state `AbortUploads`: what was filtered before the fence lands no more. */
export const createAbortUploadsHandler =
  ({ requests, log, ...deps }: AbortUploadsHandlerDeps) =>
  async (input: unknown): Promise<AbortedUploads> => {
    const { request_id } = parse(erasureInputSchema, input);
    return keepPrivate(log, "uploads not aborted", { request_id }, async () => {
      const subjects = await requests.subjects(request_id);
      const aborted = await abortUploads(
        subjects.flatMap(({ targets = [] }) => targets),
        deps,
      );
      log.info("uploads aborted", { request_id, ...aborted });
      return aborted;
    });
  };
