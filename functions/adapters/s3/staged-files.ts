import { paginateListObjectsV2, type S3Client } from "@aws-sdk/client-s3";
import type { StagedFiles } from "../../core/ports/staged-files.ts";
import { awsError } from "../aws-errors.ts";

/** Lists what Spark staged in the stage's bucket. */
export const createStagedFiles = (deps: {
  readonly client: S3Client;
  readonly bucket: string;
}): StagedFiles => ({
  async keys(prefix) {
    const keys: string[] = [];
    try {
      const pages = paginateListObjectsV2({ client: deps.client }, { Bucket: deps.bucket, Prefix: prefix });
      for await (const { Contents: found = [] } of pages)
        keys.push(...found.flatMap(({ Key: key }) => (key === undefined ? [] : [key])));
    } catch (error) {
      throw awsError(error, { store: "S3", operation: "ListObjectsV2", resource: deps.bucket });
    }
    return keys;
  },
});
