import { createHash } from "node:crypto";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import type { ErasureSubject } from "../../core/domain/erasure.ts";
import type { RequestNotes } from "../../core/ports/request-notes.ts";
import { type BatchWrite, batchWrite } from "./batch-write.ts";
import type { Item } from "./call.ts";
import { subjectEntry, subjectItem, subjectOf } from "./erasure-request-items.ts";
import { expiryAfter, isExpired } from "./expiry.ts";
import { queryPages } from "./query-pages.ts";

/** Beyond any six digits. */
const PAST_THE_LAST = "person#:";
const NOTES = "objects#";

/** Raw ids of requests and the notes of what they touch, in `erasure-subjects`. */
export function createErasureSubjects(deps: {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly clock: Clock;
  readonly random: () => number;
}) {
  const { client, table, clock, random } = deps;

  const entries = (
    requestId: string,
    first: string,
    last: string,
    projection?: string,
  ): AsyncGenerator<Item> =>
    queryPages(client, {
      TableName: table,
      KeyConditionExpression: "request_id = :request AND #entry BETWEEN :first AND :last",
      ExpressionAttributeNames: { "#entry": "entry" },
      ExpressionAttributeValues: { ":request": requestId, ":first": first, ":last": last },
      ConsistentRead: true,
      ...(projection !== undefined && { ProjectionExpression: projection }),
    });

  const write = (writes: readonly BatchWrite[]): Promise<void> => batchWrite(client, table, writes, random);

  async function remove(requestId: string, first: string, last: string): Promise<void> {
    const held: BatchWrite[] = [];
    for await (const { entry } of entries(requestId, first, last, "#entry")) {
      held.push({ remove: { request_id: requestId, entry } });
    }
    await write(held);
  }

  return {
    /** From person `from` to `to`, exclusive; what has expired is gone, whether DynamoDB deleted it or not. */
    async read(requestId: string, from = 1, to?: number): Promise<ErasureSubject[]> {
      if (to !== undefined && to <= from) return [];
      const last = to === undefined ? PAST_THE_LAST : subjectEntry(to - 1);
      const subjects: ErasureSubject[] = [];
      const now = clock();
      for await (const item of entries(requestId, subjectEntry(from), last)) {
        if (!isExpired(item, now)) subjects.push(subjectOf(item));
      }
      return subjects;
    },

    /** Replaces them. @param expiresAt ISO 8601; absent: they stay */
    put(requestId: string, subjects: readonly ErasureSubject[], expiresAt?: string): Promise<void> {
      const ttl = expiresAt === undefined ? undefined : expiryAfter(0, expiresAt);
      return write(subjects.map((subject) => ({ put: subjectItem(requestId, subject, ttl) })));
    },

    /** Removes people from this number on. */
    drop: (requestId: string, from: number): Promise<void> =>
      remove(requestId, subjectEntry(from), PAST_THE_LAST),

    notes: (requestId: string): RequestNotes => ({
      /** An item each, so that notes are added without reading any. */
      add(notes) {
        const writes = [...new Set(notes)].map((note) => ({
          put: { request_id: requestId, entry: `${NOTES}${sha256(note)}`, key: note },
        }));
        return write(writes);
      },

      async all() {
        const notes: string[] = [];
        for await (const { key } of entries(requestId, NOTES, `${NOTES}~`)) notes.push(String(key));
        return notes.sort();
      },
    }),

    forget: (requestId: string): Promise<void> => remove(requestId, " ", "~"),
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
