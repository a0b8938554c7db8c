import type { SQSEvent } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { MessageIndex } from "../../../functions/core/ports/message-index.ts";
import { createRefreshCacheHandler } from "../../../functions/handlers/refresh-cache/handler.ts";
import { createRepairIndexHandler } from "../../../functions/handlers/repair-index/handler.ts";
import { aRoutedMessage, fixedClock, later } from "../../support/builders.ts";
import { createFakeContextCache } from "../../support/fakes/fake-context-cache.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageIndex } from "../../support/fakes/fake-message-index.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

const messages = ["m1", "m2", "m3"].map((message_id, index) =>
  aRoutedMessage({ message_id, timestamp: later(index * 1_000) }),
);

/** A batch of the queue: one record a body, named r0, r1, … */
const batch = (bodies: readonly string[]): SQSEvent =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: `r${index}`,
      body,
      receiptHandle: `h${index}`,
      eventSourceARN: "arn:aws:sqs:us-east-1:1:repairs",
      attributes: { ApproximateReceiveCount: String(2 * index + 1) },
    })),
  }) as unknown as SQSEvent;

const repairs = messages.map(({ user_id, tag, ...message }) =>
  JSON.stringify({ user_id, tag, sort_key: sortKeyOf(message) }),
);

async function deps() {
  const tables = new FakeTables(fixedClock());
  await createFakeMessageStore(tables).store(messages);
  const delays = new Map<string, number>();
  return {
    reader: createFakeMessageReader(tables),
    ledger: createFakeErasureLedger(tables),
    log: { info: () => undefined, error: () => undefined },
    delays,
    queue: {
      delay: async ({ receiptHandle }: { receiptHandle: string }, seconds: number) =>
        void delays.set(receiptHandle, seconds),
    },
    random: () => 1,
  };
}

/** An index that refuses one message for good. */
function refusing(messageId: string): MessageIndex & { documents(): StoredMessage[] } {
  const held = createFakeMessageIndex();
  return {
    documents: held.documents,
    index: (rows) =>
      Promise.all(
        rows.map(async (row) =>
          row.message_id === messageId
            ? ({ status: "failed", reason: "refused" } as const)
            : ((await held.index([row]))[0] ?? { status: "failed", reason: "nothing" }),
        ),
      ),
  };
}

describe("repair-index", () => {
  it("has only what was refused or makes no sense come again", async () => {
    const index = refusing("m2");
    const { delays, ...given } = await deps();
    const handler = createRepairIndexHandler({ ...given, index });
    const answer = await handler(batch(["{", ...repairs, '{"user_id":"web:x"}']));
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual([
      "r0",
      "r2",
      "r4",
    ]);
    expect(index.documents().map(({ message_id }) => message_id)).toEqual(["m1", "m3"]);
    // At their 1st, 5th and 9th receive.
    expect([...delays]).toEqual([
      ["h0", 2],
      ["h2", 32],
      ["h4", 360],
    ]);
  });

  it("has the whole batch come again where the index does not answer", async () => {
    const index = { index: () => Promise.reject(new TransientError("OpenSearch: no answer")) };
    const { delays, ...given } = await deps();
    const handler = createRepairIndexHandler({ ...given, index });
    await expect(handler(batch(repairs))).rejects.toThrow(TransientError);
    expect([...delays.keys()]).toEqual(["h0", "h1", "h2"]);
  });

  it("says what failed also where it cannot be delayed", async () => {
    const queue = { delay: () => Promise.reject(new TransientError("SQS: no answer")) };
    const handler = createRepairIndexHandler({ ...(await deps()), queue, index: refusing("m2") });
    expect((await handler(batch(repairs))).batchItemFailures).toEqual([{ itemIdentifier: "r1" }]);
  });
});

describe("refresh-cache", () => {
  it("refreshes what makes sense and has the rest come again", async () => {
    const cache = createFakeContextCache({ clock: fixedClock(later(600_000)) });
    const [first] = messages as [(typeof messages)[0]];
    const { tag } = first;
    const lease = await cache.beginFill(tag, 1);
    if (!lease) throw new Error("no lease");
    await cache.commitFill(lease, [{ ...first, revision: 1, deleted: false }]);
    expect(await cache.read(tag, 1)).toHaveLength(1);
    const handler = createRefreshCacheHandler({ ...(await deps()), cache });
    const answer = await handler(batch(["42", JSON.stringify({ user_id: first.user_id, tag })]));
    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "r0" }]);
    expect(await cache.read(tag, 1)).toBeUndefined();
  });

  it("has the whole batch come again where the cache does not answer", async () => {
    const down = () => Promise.reject(new TransientError("Valkey: unreachable"));
    const cache = { ...createFakeContextCache({ clock: fixedClock() }), invalidate: down, apply: down };
    const handler = createRefreshCacheHandler({ ...(await deps()), cache });
    await expect(handler(batch(repairs))).rejects.toThrow(TransientError);
  });
});
