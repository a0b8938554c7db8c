import { GetObjectCommand, NoSuchKey } from "@aws-sdk/client-s3";
import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { createObjectIndex } from "../../../functions/adapters/dynamodb/object-index.ts";
import { createObjectStore } from "../../../functions/adapters/s3/object-store.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { createFakeObjectIndex, createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { objectStoreSuite } from "../suites/object-store.ts";
import { openDynamo } from "./engine.ts";

const engine = await openDynamo();
afterAll(() => engine.engines.close());

objectStoreSuite("in memory", async () => {
  const objectStore = createFakeObjectStore();
  const objectIndex = createFakeObjectIndex();
  return {
    objectStore,
    objectIndex,
    read: async (key) => objectStore.objects.get(key),
    indexed: async (userId) =>
      objectIndex
        .entries()
        .filter(({ user_id }) => user_id === userId)
        .map(({ key, generation }) => ({ key, generation })),
  };
});

objectStoreSuite("S3 and DynamoDB", async () => ({
  objectStore: createObjectStore({ client: engine.engines.s3, bucket: engine.bucket }),
  objectIndex: createObjectIndex({
    client: engine.engines.documents,
    table: engine.table("user-objects"),
    clock: systemClock,
  }),
  async read(key) {
    try {
      const object = await engine.engines.s3.send(new GetObjectCommand({ Bucket: engine.bucket, Key: key }));
      return { body: (await object.Body?.transformToString()) ?? "", contentType: object.ContentType ?? "" };
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  },
  async indexed(userId) {
    const { Items: items = [] } = await engine.engines.documents.send(
      new QueryCommand({
        TableName: engine.table("user-objects"),
        KeyConditionExpression: "user_id = :user",
        ExpressionAttributeValues: { ":user": userId },
      }),
    );
    return items.map((item) => ({ key: String(item["object"]), generation: Number(item["generation"]) }));
  },
}));

describe("ObjectStore on S3", () => {
  it("says that the bucket does not exist", async () => {
    const store = createObjectStore({ client: engine.engines.s3, bucket: "hilo-no-such-bucket" });
    await expect(store.put("k", "v", "text/plain")).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringMatching(/^S3 PutObject on hilo-no-such-bucket: it does not exist/),
    });
  });
});
