import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, describe, expect, it } from "vitest";
import { createLakeObjects } from "../../../functions/adapters/s3/lake-objects.ts";
import { createLakeVersions } from "../../../functions/adapters/s3/lake-versions.ts";
import { FakeLakeBucket } from "../../support/fakes/fake-lake-bucket.ts";
import { openDynamo } from "../dynamodb/engine.ts";
import { lakeVersionsSuite } from "../suites/lake-versions.ts";

const { engines, bucket } = await openDynamo();
const client: S3Client = engines.s3;
afterAll(() => engines.close());

lakeVersionsSuite("in memory", async () => {
  const fake = new FakeLakeBucket();
  return {
    versions: fake,
    objects: fake,
    put: async (key, text) => {
      fake.put(key, Buffer.from(text));
    },
    hide: async (key) => {
      fake.putMarker(key);
    },
  };
});

const put = async (key: string, text: string): Promise<void> => {
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }));
};

// Pages of two, so that listings go on within and between keys.
lakeVersionsSuite("S3", async () => ({
  versions: createLakeVersions({ client, bucket, pageSize: 2 }),
  objects: createLakeObjects({ client, bucket }),
  put,
  hide: async (key) => {
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
}));

describe("LakeVersions on S3", () => {
  it("lists and removes more versions than fit into a page or a call", async () => {
    const key = `staging/versions/${randomUUID()}`;
    const versions = createLakeVersions({ client, bucket });
    for (let start = 0; start < 1_010; start += 101) {
      await Promise.all(Array.from({ length: 101 }, (_, n) => put(key, String(start + n))));
    }
    const found = [];
    for await (const entry of versions.entries(key)) found.push(entry);
    expect(found).toHaveLength(1_010);
    expect(found.filter(({ isLatest }) => isLatest)).toHaveLength(1);
    await versions.remove(found);
    for await (const _ of versions.entries(key)) throw new Error("a version is left");
  });

  it("names the version's key that could not be removed, after the others were", async () => {
    const [kept, gone] = [`staging/versions/${randomUUID()}`, `staging/versions/${randomUUID()}`];
    await put(kept, "1");
    await put(gone, "1");
    const refusing = new S3Client({ ...engines.aws, forcePathStyle: true });
    refusing.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== "DeleteObjectsCommand") return next(args);
        const { input } = args as { input: { Delete: { Objects: { Key: string }[] } } };
        const left = input.Delete.Objects.filter(({ Key: key }) => key !== kept);
        const answer = await next({ ...args, input: { ...input, Delete: { Objects: left } } } as typeof args);
        const output = { ...Object(answer.output), Errors: [{ Key: kept, Code: "AccessDenied" }] };
        return { ...answer, output } as typeof answer;
      },
      { step: "initialize", name: "one refused" },
    );
    const versions = createLakeVersions({ client: refusing, bucket });
    const entries = [];
    for (const key of [kept, gone]) for await (const entry of versions.entries(key)) entries.push(entry);
    await expect(versions.remove(entries)).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(new RegExp(`S3 DeleteObjects on ${bucket}/${kept}: permission denied`)),
    });
    for await (const _ of versions.entries(gone)) throw new Error("a version is left");
    refusing.destroy();
  });

  it("is no empty list where the bucket is missing or cannot be reached", async () => {
    const missing = createLakeVersions({ client, bucket: "hilo-no-such-bucket" });
    const away = new S3Client({
      ...engines.aws,
      endpoint: "http://127.0.0.1:1",
      forcePathStyle: true,
      maxAttempts: 1,
    });
    for (const [versions, error] of [
      [missing, "PermanentError"],
      [createLakeVersions({ client: away, bucket }), "TransientError"],
    ] as const) {
      for (const list of [versions.entries("k"), versions.below("k"), versions.uploads("k")]) {
        await expect(list[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: error });
      }
      await expect(versions.remove([{ key: "k", versionId: "v" }])).rejects.toMatchObject({ name: error });
    }
    away.destroy();
  });
});
