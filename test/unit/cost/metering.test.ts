import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { awsCallOf, searchCallOf } from "../../support/cost/aws-call.ts";
import { takenUnits, withConsumedCapacity } from "../../support/cost/consumed-capacity.ts";
import { billedGbSeconds, executionOf } from "../../support/cost/executions.ts";
import { readLog } from "../../support/cost/function-logs.ts";
import { batchGetUnits, itemBytes } from "../../support/cost/item-size.ts";
import { openProxy, type SeenCall } from "../../support/cost/metering-proxy.ts";
import { statementUnits, withUpdatedItems } from "../../support/cost/statement-units.ts";

const request = (over: object) => ({ method: "POST", url: "/", headers: {}, body: "", ...over });

describe("the name of a request", () => {
  it.each([
    [{ headers: { "x-amz-target": "DynamoDB_20120810.TransactWriteItems" } }, "dynamodb TransactWriteItems"],
    [{ headers: { "x-amz-target": "AWSStepFunctions.StartSyncExecution" } }, "states StartSyncExecution"],
    [{ headers: { "x-amz-target": "AmazonSQS.SendMessageBatch" } }, "sqs SendMessageBatch"],
    [{ url: "/2015-03-31/functions/router/invocations" }, "lambda Invoke"],
    [
      {
        headers: { authorization: "AWS4-HMAC-SHA256 Credential=k/20261121/us-east-1/sts/aws4_request, S" },
        body: "Action=GetCallerIdentity&Version=2011-06-15",
      },
      "sts GetCallerIdentity",
    ],
    [{ method: "PUT", url: "/bucket/tool-results/1" }, "s3 PUT"],
    [{ method: "POST", url: "/bucket/key?uploads" }, "s3 POST ?uploads"],
  ])("is read from target, path or form: %j", (over, name) => {
    expect(awsCallOf(request(over))).toBe(name);
  });

  it("is OpenSearch's endpoint", () => {
    expect(searchCallOf(request({ url: "/_bulk?refresh=false" }))).toBe("opensearch _bulk");
    expect(searchCallOf(request({ url: "/conversations/_search" }))).toBe("opensearch _search");
    expect(searchCallOf(request({ method: "HEAD", url: "/" }))).toBe("opensearch HEAD");
  });
});

describe("capacity", () => {
  it("is asked for without changing what else a request says", () => {
    const body = JSON.stringify({ TransactItems: [{ Put: { TableName: "t" } }] });
    expect(JSON.parse(withConsumedCapacity(body))).toEqual({
      TransactItems: [{ Put: { TableName: "t" } }],
      ReturnConsumedCapacity: "INDEXES",
    });
  });

  it("of a transaction is the table's and each index's", () => {
    const answer = {
      ConsumedCapacity: [
        {
          TableName: "rows",
          CapacityUnits: 8,
          WriteCapacityUnits: 4,
          GlobalSecondaryIndexes: { ByDay: { CapacityUnits: 3 }, BySession: { CapacityUnits: 1 } },
        },
        { TableName: "ids", CapacityUnits: 2 },
      ],
    };
    expect(takenUnits("TransactWriteItems", JSON.stringify(answer))).toEqual([
      { of: "rows", write: 4, read: 0 },
      { of: "rows/ByDay", write: 3, read: 0 },
      { of: "rows/BySession", write: 1, read: 0 },
      { of: "ids", write: 2, read: 0 },
    ]);
  });

  it("of one read is the table's own, also where the answer names it apart", () => {
    const answer = {
      ConsumedCapacity: { TableName: "t", CapacityUnits: 0.5, Table: { CapacityUnits: 0.5 } },
    };
    expect(takenUnits("GetItem", JSON.stringify(answer))).toEqual([{ of: "t", write: 0, read: 0.5 }]);
    expect(takenUnits("GetItem", "{}")).toEqual([]);
  });

  it("of updates by statements is each item's in parts of 1 KB, once more for an index that holds it whole", () => {
    const body = JSON.stringify({ Statements: [{ Statement: 'UPDATE "t" SET a=?', Parameters: [] }] });
    expect(JSON.parse(withUpdatedItems(body))).toEqual({
      Statements: [{ Statement: 'UPDATE "t" SET a=? RETURNING ALL NEW *', Parameters: [] }],
    });
    const answer = {
      Responses: [
        { TableName: "t", Item: { a: { S: "x".repeat(1_200) } } },
        { TableName: "t", Error: { Code: "ConditionalCheckFailed" } },
        { TableName: "u", Item: { a: { S: "x" } } },
      ],
    };
    expect(statementUnits(JSON.stringify(answer), new Map([["t", ["Whole"]]]))).toEqual([
      { of: "t", write: 2, read: 0 },
      { of: "t/Whole", write: 2, read: 0 },
      { of: "u", write: 1, read: 0 },
    ]);
  });

  it("of a BatchGetItem is each item's in parts of 4 KB, a missing one's the least", () => {
    const keys = (count: number) => Array.from({ length: count }, (_, id) => ({ id: { N: `${id}` } }));
    const asked = {
      RequestItems: {
        strong: { Keys: keys(3), ConsistentRead: true },
        eventual: { Keys: keys(2) },
      },
    };
    const answer = {
      Responses: { strong: [{ id: { N: "0" }, text: { S: "a".repeat(5_000) } }, { id: { N: "1" } }] },
      UnprocessedKeys: { eventual: { Keys: keys(1) } },
    };
    expect(batchGetUnits(JSON.stringify(asked), JSON.stringify(answer))).toEqual({
      strong: 4,
      eventual: 0.5,
    });
  });

  it("counts the bytes of names and values", () => {
    expect(itemBytes({ a: { S: "ñ" } })).toBe(3);
    expect(itemBytes({ n: { N: "-1234" } })).toBe(1 + 4);
    expect(itemBytes({ ok: { BOOL: true }, nil: { NULL: true } })).toBe(3 + 4);
    expect(itemBytes({ b: { B: Buffer.from("abc").toString("base64") } })).toBe(4);
    expect(itemBytes({ l: { L: [{ S: "a" }, { S: "b" }] } })).toBe(1 + 3 + 2 * 2);
    expect(itemBytes({ m: { M: { k: { S: "v" } } } })).toBe(1 + 3 + 1 + 2);
    expect(itemBytes({ s: { SS: ["ab", "c"] } })).toBe(4);
  });
});

describe("a function's log", () => {
  const report = (billed: number, memory: number) =>
    `REPORT RequestId: r\tDuration: ${billed} ms\tBilled Duration: ${billed} ms\tMemory Size: ${memory} MB\tMax Memory Used: 0 MB`;

  it("tells invocations, time, memory × time and metrics", () => {
    const metrics = JSON.stringify({
      _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: "StoredMessages" }] }] },
      service: "router",
      StoredMessages: 10,
    });
    const lines = ["START RequestId: r", metrics, metrics, report(100, 512), report(300, 1024)];
    const read = readLog(lines);
    expect(read).toMatchObject({ invocations: 2, milliseconds: 400, metrics: ["router StoredMessages"] });
    expect(read.gbSeconds).toBeCloseTo(0.05 + 0.3, 10);
    expect(read.logBytes).toBe(lines.join("").length + 26 * lines.length);
  });
});

describe("an execution", () => {
  it("is read from its answer, whichever way times are written", () => {
    const iso = {
      executionArn: "a",
      startDate: "2026-11-21T10:00:00.000Z",
      stopDate: "2026-11-21T10:00:00.250Z",
    };
    expect(executionOf(JSON.stringify(iso))).toEqual({ arn: "a", milliseconds: 250 });
    const epoch = { executionArn: "a", startDate: 1_795_000_000.5, stopDate: 1_795_000_001 };
    expect(executionOf(JSON.stringify(epoch)).milliseconds).toBe(500);
  });

  it("is billed in steps of 100 ms and 64 MB", () => {
    expect(billedGbSeconds(0)).toBeCloseTo(0.1 / 16, 12);
    expect(billedGbSeconds(100)).toBeCloseTo(0.1 / 16, 12);
    expect(billedGbSeconds(101)).toBeCloseTo(0.2 / 16, 12);
  });
});

describe("the proxy", () => {
  it("passes requests on, changed where asked, and shows them with their answers", async () => {
    const server = createServer(async (incoming, outgoing) => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      outgoing.writeHead(incoming.url === "/no" ? 400 : 200, { "x-path": incoming.url ?? "" });
      outgoing.write("got ");
      outgoing.end(Buffer.concat(parts));
    });
    await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    const seen: SeenCall[] = [];
    const proxy = await openProxy({
      target: `http://127.0.0.1:${port}`,
      rewrite: ({ url, body }) => (url === "/change" ? `${body} and más` : undefined),
      onCall: (call) => seen.push(call),
    });
    try {
      const changed = await fetch(`${proxy.url}/change`, { method: "POST", body: "it" });
      expect([changed.status, changed.headers.get("x-path")]).toEqual([200, "/change"]);
      expect(await changed.text()).toBe("got it and más");
      const refused = await fetch(`${proxy.url}/no`, { method: "PUT", body: "it" });
      expect([refused.status, await refused.text()]).toEqual([400, "got it"]);
      expect(
        seen.map(({ method, url, body, status, answer }) => [method, url, body, status, answer]),
      ).toEqual([
        ["POST", "/change", "it", 200, "got it and más"],
        ["PUT", "/no", "it", 400, "got it"],
      ]);
    } finally {
      await proxy.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it("says that nothing answers", async () => {
    const proxy = await openProxy({ target: "http://127.0.0.1:1", onCall: () => {} });
    try {
      expect((await fetch(proxy.url)).status).toBe(502);
    } finally {
      await proxy.close();
    }
  });
});
