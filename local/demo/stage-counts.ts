import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { type DynamoDBDocumentClient, paginateQuery } from "@aws-sdk/lib-dynamodb";
import type { Client as SearchClient } from "@opensearch-project/opensearch";
import type { Redis } from "ioredis";

/** Shards of the indexes by day. */
const SHARDS = 16;

/** Counts what the stores hold, from outside: by asking them, not the pipeline. */
export interface StageStores {
  readonly dynamo: DynamoDBDocumentClient;
  readonly sqs: SQSClient;
  readonly redis: Redis;
  readonly search: SearchClient;
  readonly tables: Readonly<Record<string, string>>;
  /** The event queue and the two repair queues. */
  readonly queueUrls: readonly string[];
}

export interface StageCounts {
  /** Rows of one day. */
  readonly rows: number;
  /** Documents of one day. */
  readonly documents: number;
  /** Of the given people, how many have a cached context. */
  readonly cachedUsers: number;
  /** Documents by sentiment; those without one are left out. */
  readonly sentiments: Readonly<Record<string, number>>;
  /** Entries that came today (UTC). */
  readonly quarantined: number;
}

const DEPTHS = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;
const SENTIMENTS = ["positive", "neutral", "negative", "mixed"];

/** Counts one day's rows and documents, today's quarantine, and the cached contexts of people given by tag. */
export async function countStores(
  stores: StageStores,
  day: string,
  tags: readonly string[],
): Promise<StageCounts> {
  const { dynamo, tables, redis, search } = stores;
  const today = new Date().toISOString().slice(0, 10);
  await search.indices.refresh({ index: "conversations" });
  const [rows, quarantined, documents, sentiments, cached] = await Promise.all([
    countShards(dynamo, tables["conversation-contexts"], "DayIndex", "day_shard", day),
    countShards(dynamo, tables["quarantine"], "ReceivedIndex", "received_shard", today),
    countDocuments(search, day),
    Promise.all(SENTIMENTS.map(async (name) => [name, await countDocuments(search, day, name)] as const)),
    tags.length === 0 ? [] : Promise.all(tags.map((tag) => redis.exists(`context:{${tag}}`))),
  ]);
  return {
    rows,
    quarantined,
    documents,
    sentiments: Object.fromEntries(sentiments),
    cachedUsers: cached.reduce((sum, present) => sum + present, 0),
  };
}

async function countDocuments(search: SearchClient, day: string, sentiment?: string): Promise<number> {
  const range = { gte: `${day}T00:00:00.000Z`, lte: `${day}T23:59:59.999Z` };
  const filter = [{ range: { timestamp: range } }, ...(sentiment ? [{ term: { sentiment } }] : [])];
  const { body } = await search.count({ index: "conversations", body: { query: { bool: { filter } } } });
  return body.count;
}

async function countShards(
  client: DynamoDBDocumentClient,
  table: string | undefined,
  index: string,
  hash: string,
  day: string,
): Promise<number> {
  const counts = Array.from({ length: SHARDS }, async (_, shard) => {
    let count = 0;
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        IndexName: index,
        Select: "COUNT",
        KeyConditionExpression: "#hash = :hash",
        ExpressionAttributeNames: { "#hash": hash },
        ExpressionAttributeValues: { ":hash": `${day}#${shard}` },
      },
    );
    for await (const page of pages) count += page.Count ?? 0;
    return count;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Messages that wait in the event queue and the repair queues or are being worked on. */
export async function countWaiting({ sqs, queueUrls }: StageStores): Promise<number> {
  const waiting = await Promise.all(queueUrls.map((queueUrl) => queueDepth(sqs, queueUrl)));
  return waiting.reduce((sum, count) => sum + count, 0);
}

/** Messages that wait in one queue, delayed ones too, or are being worked on. */
export async function queueDepth(sqs: SQSClient, queueUrl: string): Promise<number> {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: queueUrl,
      AttributeNames: [...DEPTHS],
    }),
  );
  return DEPTHS.reduce((sum, name) => sum + Number(attributes[name] ?? 0), 0);
}
