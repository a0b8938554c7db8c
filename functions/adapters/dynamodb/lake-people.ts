import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import { PermanentError, TransientError } from "../../core/domain/errors.ts";
import { objectGoneAt } from "../../core/domain/object-expiry.ts";
import type { LakePeople, LakePerson } from "../../core/ports/lake-people.ts";
import { batchGet } from "./batch-get.ts";
import { backOff } from "./retry.ts";
import { type TransactItem, transact } from "./transact.ts";

const MAX_TRIES = 6;

/**
 * Which objects of the lake hold whom, in `user-objects`. Entries that are there are read, not written again: a nightly
 * export costs a read for each person and a write for each new one. New ones are written in transactions and not by
 * BatchWriteItem, which takes no condition: an exporter that was overtaken by an erasure could put the erased
 * generation over the person's next one, and the erasure would then remove the entry of what it must not.
 */
export function createLakePeople(deps: {
  readonly client: DynamoDBDocumentClient;
  /** `user-objects` */
  readonly table: string;
  readonly clock: Clock;
  readonly random?: () => number;
}): LakePeople {
  const { client, table, clock, random = Math.random } = deps;

  /** People whose entry lacks or says a lower generation. */
  async function lacking(key: string, people: readonly LakePerson[]): Promise<LakePerson[]> {
    const keys = people.map(({ user_id }) => ({ table, key: { user_id, object: key } }));
    const found = await batchGet(client, keys, { consistent: true, random });
    const known = new Map(found.map(({ item }) => [String(item["user_id"]), Number(item["generation"])]));
    return people.filter(({ user_id, generation }) => (known.get(user_id) ?? 0) < generation);
  }

  function entry(key: string, { user_id, generation }: LakePerson): TransactItem {
    const now = clock().toISOString();
    const goneAt = objectGoneAt(key, now);
    return {
      Update: {
        TableName: table,
        Key: { user_id, object: key },
        UpdateExpression: `SET generation = :generation, added_at = :now${goneAt === undefined ? "" : ", #ttl = :gone"}`,
        ConditionExpression: "attribute_not_exists(generation) OR generation < :generation",
        ...(goneAt !== undefined && { ExpressionAttributeNames: { "#ttl": "ttl" } }),
        ExpressionAttributeValues: {
          ":generation": generation,
          ":now": now,
          ...(goneAt !== undefined && { ":gone": goneAt }),
        },
      },
    };
  }

  return {
    async missing(key, people) {
      return (await lacking(key, people)).length;
    },

    async add(key, people) {
      let wanted = await lacking(key, people);
      for (let attempt = 0; wanted.length > 0; attempt++) {
        if (attempt === MAX_TRIES) {
          throw new TransientError(
            `DynamoDB TransactWriteItems on ${table}: throttled or in conflict ${MAX_TRIES} times: it is retried`,
          );
        }
        const result = await transact(
          client,
          table,
          wanted.map((person) => entry(key, person)),
        );
        if (result.status === "committed") return wanted.length;
        if (result.status === "rejected") throw new PermanentError(`DynamoDB ${table}: ${result.cause}`);
        // Somebody else wrote them meanwhile, at this generation or a higher one; or it is unknown who did.
        if (result.status === "busy") await backOff(attempt, random);
        wanted = await lacking(key, wanted);
      }
      return 0;
    },
  };
}
