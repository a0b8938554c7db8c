import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import { createLakeObjects } from "../../../functions/adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../../functions/adapters/s3/lake-versions.ts";
import { FakeLakeBucket } from "../../support/fakes/fake-lake-bucket.ts";
import { openDynamo } from "../dynamodb/engine.ts";
import { lakeObjectsSuite } from "../suites/lake-objects.ts";

const { engines, bucket } = await openDynamo();
afterAll(() => engines.close());

lakeObjectsSuite("in memory", async () => {
  const objects = new FakeLakeBucket();
  return {
    objects,
    versionIds: async (key) => objects.versions(key).map(({ versionId }) => versionId),
    removeVersion: async (key, versionId) => objects.removeVersion(key, versionId),
    bytes: async (key) => objects.versions(key).at(-1)?.bytes ?? new Uint8Array(0),
  };
});

lakeObjectsSuite("S3", async () => {
  const s3: S3Client = engines.s3;
  return {
    objects: createLakeObjects({ client: s3, bucket }),
    async versionIds(key) {
      const ids: string[] = [];
      // Pages of one, so that the listing goes on.
      for await (const id of createLakeVersions({ client: s3, bucket, pageSize: 1 }).list(key)) ids.push(id);
      return ids;
    },
    async removeVersion(key, versionId) {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
    },
    async bytes(key) {
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await object.Body?.transformToByteArray()) ?? new Uint8Array(0);
    },
  };
});

describe("LakeObjects on S3", () => {
  it("says that the bucket does not exist", async () => {
    const objects = createLakeObjects({ client: engines.s3, bucket: "hilo-no-such-bucket" });
    await expect(objects.begin("k", { exportId: "e", contentType: "text/plain" })).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(/^S3 CreateMultipartUpload on hilo-no-such-bucket: it does not exist/),
    });
  });

  it("does not know what became of a completion whose answer is lost, and finds out by its id", async () => {
    const client = new S3Client({ ...engines.aws, forcePathStyle: true, maxAttempts: 1 });
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        if (context.commandName !== "CompleteMultipartUploadCommand") return result;
        throw Object.assign(new Error("socket hang up"), { name: "TimeoutError" });
      },
      { step: "initialize", name: "lost answers" },
    );
    const objects = createLakeObjects({ client, bucket });
    const key = `conversations/test/${randomUUID()}.parquet`;
    const upload = await objects.begin(key, { exportId: "mine", contentType: "text/plain" });
    await upload.write(Buffer.from("all of it"));
    await upload.end();
    expect(await upload.complete(undefined)).toEqual({ status: "unknown" });
    await objects.abort(upload);
    expect(await objects.head(key)).toMatchObject({ exportId: "mine", byteLength: 9 });
    client.destroy();
  });

  it("does not abandon an upload whose abort cannot be confirmed in silence", async () => {
    const client = new S3Client({ ...engines.aws, forcePathStyle: true, maxAttempts: 1 });
    client.middlewareStack.add(
      (next, context) => async (args) =>
        context.commandName === "AbortMultipartUploadCommand"
          ? { output: { $metadata: {} }, response: {} }
          : next(args),
      { step: "initialize", name: "aborts that do nothing" },
    );
    const objects = createLakeObjects({ client, bucket, random: () => 0 });
    const key = `conversations/test/${randomUUID()}.parquet`;
    const upload = await objects.begin(key, { exportId: "mine", contentType: "text/plain" });
    await expect(objects.abort(upload)).rejects.toMatchObject({ name: "TransientError" });
    client.destroy();
    await createLakeObjects({ client: engines.s3, bucket }).abort(upload);
  });
});
