import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { ObjectStore } from "../../core/ports/object-store.ts";
import { awsError } from "../aws-errors.ts";

/** Objects of the stage's bucket, which encrypts them with its own key and keeps versions for a while. */
export function createObjectStore(deps: { readonly client: S3Client; readonly bucket: string }): ObjectStore {
  const { client, bucket } = deps;
  const failure = (operation: string, error: unknown) =>
    awsError(error, { store: "S3", operation, resource: bucket });
  return {
    async put(key, body, contentType) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
      });
      await client.send(command).catch((error: unknown) => {
        throw failure("PutObject", error);
      });
    },

    async get(key) {
      try {
        const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return await body?.transformToString();
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw failure("GetObject", error);
      }
    },

    async remove(key) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch((error: unknown) => {
        throw failure("DeleteObject", error);
      });
    },
  };
}
