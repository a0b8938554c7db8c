import { ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { LakeVersions } from "../../core/ports/lake-objects.ts";
import { awsError } from "../aws-errors.ts";

/** Versions in the stage's bucket. S3 lists by prefix, so what only begins with the key is left out here. */
export const createLakeVersions = (deps: {
  readonly client: S3Client;
  readonly bucket: string;
  /** Entries of a page. @default S3's own, 1,000 */
  readonly pageSize?: number;
}): LakeVersions => ({
  async *list(key) {
    let place: { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined } =
      {};
    for (;;) {
      const command = new ListObjectVersionsCommand({
        Bucket: deps.bucket,
        Prefix: key,
        ...(deps.pageSize !== undefined && { MaxKeys: deps.pageSize }),
        ...place,
      });
      const page = await deps.client.send(command).catch((error: unknown) => {
        throw awsError(error, { store: "S3", operation: "ListObjectVersions", resource: deps.bucket });
      });
      const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
      for (const entry of entries) {
        if (entry.Key === key && entry.VersionId !== undefined) yield entry.VersionId;
      }
      // Keys come in order: once another one begins, there is no more of this.
      if (!page.IsTruncated || page.NextKeyMarker !== key) return;
      place = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    }
  },
});
