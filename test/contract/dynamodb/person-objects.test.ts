import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { afterAll, describe, expect, it } from "vitest";
import { createLakePeople } from "../../../functions/adapters/dynamodb/lake-people.ts";
import { createPersonObjects } from "../../../functions/adapters/dynamodb/person-objects.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { FakeLakePeople } from "../../support/fakes/fake-lake-people.ts";
import { fakePersonObjects } from "../../support/fakes/fake-person-objects.ts";
import { personObjectsSuite } from "../suites/person-objects.ts";
import { openDynamo } from "./engine.ts";

const engine = await openDynamo();
const client = engine.engines.documents;
const table = engine.table("user-objects");
afterAll(() => engine.engines.close());

personObjectsSuite("in memory", async () => {
  const people = new FakeLakePeople();
  return { people, objects: fakePersonObjects(people) };
});

personObjectsSuite("DynamoDB", async () => ({
  people: createLakePeople({ client, table, clock: systemClock }),
  objects: createPersonObjects({ client, table }),
}));

describe("PersonObjects on DynamoDB", () => {
  it("says what is wrong, and nobody's id", async () => {
    const objects = createPersonObjects({ client, table: "hilo-no-such-table" });
    const error: unknown = await objects
      .remove([{ user_id: "web:ana", key: "k", generation: 1 }])
      .catch((e) => e);
    expect(error).toMatchObject({ name: "PermanentError" });
    expect(String(error)).toMatch(/DynamoDB DeleteItem on hilo-no-such-table: it does not exist/);
    expect(String(error)).not.toContain("ana");
  });

  it("is no empty list where the table cannot be reached", async () => {
    const away = new DynamoDBClient({
      ...engine.engines.aws,
      endpoint: "http://127.0.0.1:1",
      maxAttempts: 1,
    });
    const objects = createPersonObjects({ client: DynamoDBDocumentClient.from(away), table });
    await expect(objects.list("web:ana", "")[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      name: "TransientError",
    });
    away.destroy();
  });
});
