import type { SQSRecord } from "aws-lambda";
import { expect, it } from "vitest";
import { queueRecordOf } from "../../../functions/runtime/queue-record.ts";
import { later, NOW } from "../../support/builders.ts";

const millis = (iso: string): string => String(Date.parse(iso));

/** A record as Lambda gets it; `attributes` are a sender's. */
const received = (
  over: Partial<SQSRecord["attributes"]>,
  attributes: Record<string, string> = {},
): SQSRecord => ({
  messageId: "r1",
  receiptHandle: "h",
  body: "{}",
  md5OfBody: "",
  eventSource: "aws:sqs",
  eventSourceARN: "",
  awsRegion: "",
  attributes: {
    ApproximateReceiveCount: "3",
    SentTimestamp: millis(NOW),
    SenderId: "",
    ApproximateFirstReceiveTimestamp: millis(later(5)),
    ...over,
  },
  messageAttributes: Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: "String" }]),
  ),
});

it("takes the earliest of what queue and sender say", () => {
  expect(queueRecordOf(received({})).sentAt.toISOString()).toBe(NOW);
  expect(
    queueRecordOf(received({ ApproximateFirstReceiveTimestamp: millis(later(-9)) })).sentAt.toISOString(),
  ).toBe(later(-9));
  const retried = queueRecordOf(received({}, { first_received_at: later(-1000), retries: "2" }));
  expect(retried).toMatchObject({ retries: 2, receiveCount: 3, id: "r1" });
  expect(retried.sentAt.toISOString()).toBe(later(-1000));
});

it("believes no later moment, and nothing that is no time", () => {
  for (const first_received_at of [later(60_000), "yesterday", ""]) {
    const record = queueRecordOf(received({}, { first_received_at, retries: "-1" }));
    expect(record.sentAt.toISOString()).toBe(NOW);
    expect(record).not.toHaveProperty("retries");
  }
  expect(queueRecordOf(received({ ApproximateFirstReceiveTimestamp: "0" })).sentAt.toISOString()).toBe(NOW);
});
