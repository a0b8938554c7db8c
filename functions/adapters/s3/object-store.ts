import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { ObjectStore } from "../../core/ports/object-store.ts";
import { awsError } from "../aws-errors.ts";

/** Writes objects; the bucket encrypts them with its own key. */
export function createObjectStore(deps: { readonly client: S3Client; readonly bucket: string }): ObjectStore {
  return {
    async put(key, body, contentType) {
      const command = new PutObjectCommand({
        Bucket: deps.bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
      });
      await deps.client.send(command).catch((error: unknown) => {
        throw awsError(error, { store: "S3", operation: "PutObject", resource: deps.bucket });
      });
    },
  };
}
