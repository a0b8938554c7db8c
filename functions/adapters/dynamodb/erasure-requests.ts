import { type DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import { inGroups, mapBounded } from "../../core/domain/batches.ts";
import type { Clock } from "../../core/domain/clock.ts";
import { PermanentError } from "../../core/domain/errors.ts";
import type { ErasureRequest, ErasureRequests } from "../../core/ports/erasure-requests.ts";
import { batchGet } from "./batch-get.ts";
import { call } from "./call.ts";
import { countsUpdates } from "./erasure-request-counts.ts";
import {
  OPEN_REQUEST,
  personKey,
  personOf,
  requestItem,
  requestKey,
  requestOf,
  stateAttribute,
} from "./erasure-request-items.ts";
import { createErasureSubjects } from "./erasure-subjects.ts";
import { queryPages } from "./query-pages.ts";
import { setAttributes } from "./set-attributes.ts";
import type { TransactItem } from "./transact.ts";
import { transactOnce } from "./transact-once.ts";

const INDEX = "OpenIndex";
/** People whose counts one transaction takes: the limit is 100, but each may carry dozens of numbers. */
const PEOPLE_AT_ONCE = 25;
const CONCURRENCY = 4;

/** Requests for erasure in `erasure-ledger` and `erasure-subjects`. A change is made exactly once a call. */
export function createErasureRequests(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly tables: {
    /** `erasure-ledger` */
    readonly ledger: string;
    /** `erasure-subjects` */
    readonly subjects: string;
  };
  readonly clock: Clock;
  readonly random?: () => number;
}): ErasureRequests {
  const { client, tables, clock, random = Math.random } = deps;
  const table = tables.ledger;
  const subjects = createErasureSubjects({ client, table: tables.subjects, clock, random });

  const write = async (items: readonly TransactItem[]): Promise<boolean> =>
    (await transactOnce(client, table, items, random)).status === "committed";

  async function read(requestId: string): Promise<ErasureRequest | undefined> {
    const command = new GetCommand({ TableName: table, Key: requestKey(requestId), ConsistentRead: true });
    const { Item: item } = await call("GetItem", table, client.send(command));
    return item && requestOf(item);
  }

  return {
    read,

    async open() {
      const items = queryPages(client, {
        TableName: table,
        IndexName: INDEX,
        KeyConditionExpression: "#open = :open",
        ExpressionAttributeNames: { "#open": "open" },
        ExpressionAttributeValues: { ":open": OPEN_REQUEST },
      });
      const requests: ErasureRequest[] = [];
      for await (const item of items) requests.push(requestOf(item));
      return requests;
    },

    async create(request, people) {
      const id = request.request_id;
      const taken = `DynamoDB ${table}: there is a request ${id} already`;
      if (await read(id)) throw new PermanentError(taken);
      // The ids first: without their request they expire, and no request is without its people.
      await subjects.put(id, people, request.expires_at);
      const isNew = await write([
        {
          Put: {
            TableName: table,
            Item: requestItem(request),
            ConditionExpression: "attribute_not_exists(tag)",
          },
        },
      ]);
      if (!isNew) throw new PermanentError(taken);
    },

    async update(requestId, from, change) {
      const { names, values, sets } = setAttributes(change);
      const states = from.map((status, index) => [`:from${index}`, status] as const);
      const closes = change.status === "closed";
      return write([
        {
          Update: {
            TableName: table,
            Key: requestKey(requestId),
            UpdateExpression: `SET ${sets}${closes ? " REMOVE #open" : ""}`,
            ConditionExpression: `#current IN (${states.map(([name]) => name).join(", ")})`,
            ExpressionAttributeNames: { ...names, "#current": "status", ...(closes && { "#open": "open" }) },
            ExpressionAttributeValues: { ...values, ...Object.fromEntries(states) },
          },
        },
      ]);
    },

    async setStore(requestId, store, state) {
      await write([
        updateOf(table, requestKey(requestId), { [stateAttribute(store)]: state }, "attribute_exists(tag)"),
      ]);
    },

    subjects: (requestId, from, to) => subjects.read(requestId, from, to),

    putSubjects: (requestId, people, expiresAt) => subjects.put(requestId, people, expiresAt),
    dropSubjects: (requestId, from) => subjects.drop(requestId, from),
    forgetSubjects: (requestId) => subjects.forget(requestId),

    async people(requestId, from = 1, to) {
      const { people = 0 } = (await read(requestId)) ?? {};
      const end = Math.min(to ?? people + 1, people + 1);
      const numbers = Array.from({ length: Math.max(0, end - from) }, (_, index) => from + index);
      const keys = numbers.map((person) => ({ table, key: personKey(requestId, person) }));
      const found = await batchGet(client, keys, { consistent: true, random });
      const items = new Map(found.map(({ item }) => [item["tag"], item]));
      return numbers.map((person) => personOf(person, items.get(personKey(requestId, person).tag)));
    },

    async putCounts(requestId, kind, counts) {
      const updates = countsUpdates(table, requestId, kind, counts);
      await mapBounded(inGroups(updates, PEOPLE_AT_ONCE), CONCURRENCY, write);
    },

    async putPerson(requestId, person, change) {
      await write([updateOf(table, personKey(requestId, person), change)]);
    },

    notes: (requestId) => subjects.notes(requestId),
  };
}

function updateOf(
  table: string,
  key: { readonly tag: string },
  change: Readonly<Record<string, unknown>>,
  condition?: string,
): TransactItem {
  const { names, values, sets } = setAttributes(change);
  return {
    Update: {
      TableName: table,
      Key: key,
      UpdateExpression: `SET ${sets}`,
      ...(condition !== undefined && { ConditionExpression: condition }),
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
    },
  };
}
