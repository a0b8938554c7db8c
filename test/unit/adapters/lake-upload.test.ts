import type { S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { beginUpload } from "../../../functions/adapters/s3/lake-upload.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";

it("is tried again where an erasure ended the upload while its parts were sent", async () => {
  const send = async (command: object): Promise<unknown> => {
    if (command.constructor.name !== "UploadPartCommand") return { UploadId: "u" };
    throw Object.assign(new Error("gone"), { name: "NoSuchUpload", $metadata: { httpStatusCode: 404 } });
  };
  const client = { send } as unknown as S3Client;
  const upload = await beginUpload({ client, bucket: "b" }, "k", { exportId: "e", contentType: "t" });
  await upload.write(new Uint8Array(1));
  await expect(upload.end()).rejects.toThrow(TransientError);
});
