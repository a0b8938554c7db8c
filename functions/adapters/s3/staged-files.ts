import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { StagedFiles } from "../../core/ports/staged-files.ts";
import { awsError } from "../aws-errors.ts";

/** What Spark left in the stage's bucket. */
export const createStagedFiles = (deps: {
  readonly client: S3Client;
  readonly bucket: string;
}): StagedFiles => ({
  async keys(prefix) {
    const keys: string[] = [];
    try {
      for await (const page of paginateListObjectsV2(deps, { Bucket: deps.bucket, Prefix: prefix }))
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
    } catch (error) {
      throw awsError(error, { store: "S3", operation: "ListObjectsV2", resource: deps.bucket });
    }
    return keys;
  },
});
