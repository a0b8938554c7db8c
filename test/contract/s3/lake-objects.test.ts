import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import { createLakeObjects } from "../../../functions/adapters/s3/lake-objects.ts";
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
      const { Versions: versions = [] } = await s3.send(
        new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }),
      );
      return versions.flatMap((version) => (version.Key === key ? (version.VersionId ?? []) : []));
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
});
