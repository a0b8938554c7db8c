import { describe, expect, it } from "vitest";
import { monthlyCosts } from "../../support/cost/fixed-costs.ts";
import { priceUsage, sumOf } from "../../support/cost/price-usage.ts";
import { HOURS_A_MONTH, PRICES, priceOf } from "../../support/cost/prices.ts";
import { invocationsOf, storeRequestsOf, type Usage } from "../../support/cost/usage.ts";

const usage: Usage = {
  requests: {
    "dynamodb BatchGetItem": 3,
    "dynamodb TransactWriteItems": 2,
    "opensearch _bulk": 1,
    "s3 GET": 1,
    "s3 PUT": 4,
    "sqs SendMessageBatch": 2,
    "states StartSyncExecution": 1,
  },
  refused: {},
  writeUnits: { "conversation-contexts": 4, "conversation-contexts/DayIndex": 2 },
  readUnits: { "erasure-ledger": 1.5 },
  functions: {
    router: { invocations: 1, milliseconds: 200, gbSeconds: 0.1 },
    "repair-index": { invocations: 2, milliseconds: 100, gbSeconds: 0.05 },
  },
  workflow: { executions: 1, transitions: 6, milliseconds: 90, gbSeconds: 0.1 / 16, logBytes: 0 },
  cacheTrips: 2,
  logBytes: 1024 ** 3,
  metrics: [],
};

describe("usage", () => {
  it("counts requests to stores: tables, objects, search, and round trips to the cache", () => {
    expect(storeRequestsOf(usage)).toBe(3 + 2 + 1 + 1 + 4 + 2);
    expect(invocationsOf(usage)).toBe(3);
  });

  it("is priced line by line", () => {
    const lines = priceUsage(usage, { fifo: 3 });
    const quantities = Object.fromEntries(
      lines.map((line) => [`${line.service} ${line.item}`, line.quantity]),
    );
    expect(quantities).toEqual({
      "DynamoDB write units": 6,
      "DynamoDB read units": 1.5,
      "Lambda invocations": 3,
      "Lambda GB-seconds": expect.closeTo(0.15, 10),
      "Step Functions executions": 1,
      "Step Functions GB-seconds": 0.1 / 16,
      "SQS FIFO requests": 3,
      "SQS requests for repairs": 2 + 2 * 2,
      "S3 PUTs": 4,
      "S3 GETs": 1,
      "CloudWatch GB of logs": 1,
    });
    expect(lines[0]?.usd).toBeCloseTo((6 * 0.625) / 1_000_000, 15);
    expect(sumOf(lines)).toBeCloseTo(
      lines.reduce((sum, { usd }) => sum + usd, 0),
      15,
    );
  });
});

describe("the price file", () => {
  it("names a page of AWS for each price, and a date", () => {
    expect(PRICES.date).toMatch(/^2026-11-/);
    for (const { page } of Object.values(PRICES.prices))
      expect(page).toMatch(/^https:\/\/aws\.amazon\.com\//);
  });

  it("prices by its unit, and knows what it does not know", () => {
    expect(priceOf("states.standard-transition", 5_000_000)).toBeCloseTo(125, 10);
    expect(() => priceOf("ec2.nat-gateway", 1)).toThrow("no price for ec2.nat-gateway");
  });
});

describe("costs by the month", () => {
  const cache = (nodes: number) => ({
    type: "AWS::ElastiCache::ReplicationGroup",
    properties: { CacheNodeType: "cache.t4g.micro", NumCacheClusters: nodes },
  });

  it("follow the nodes, masters and volumes that are deployed", () => {
    const search = {
      type: "AWS::OpenSearchService::Domain",
      properties: {
        ClusterConfig: {
          InstanceType: "m7g.large.search",
          InstanceCount: 2,
          DedicatedMasterEnabled: true,
          DedicatedMasterType: "m7g.medium.search",
          DedicatedMasterCount: 3,
        },
        EBSOptions: { VolumeSize: 100 },
      },
    };
    const key = { type: "AWS::KMS::Key", properties: {} };
    const lines = monthlyCosts([cache(2), search, key, key]);
    expect(lines.map(({ item }) => item)).toEqual([
      "2 × cache.t4g.micro",
      "2 × m7g.large.search",
      "3 × m7g.medium.search",
      "200 GB gp3",
      "2 × key",
    ]);
    expect(sumOf(lines)).toBeCloseTo(
      HOURS_A_MONTH * (2 * 0.0128 + 2 * 0.135 + 3 * 0.068) + 200 * 0.122 + 2,
      10,
    );
  });

  it("refuse what costs by the hour and has no price", () => {
    expect(() => monthlyCosts([{ type: "AWS::EC2::NatGateway", properties: {} }])).toThrow("has no price");
    expect(() =>
      monthlyCosts([{ type: "AWS::EC2::VPCEndpoint", properties: { VpcEndpointType: "Interface" } }]),
    ).toThrow("has no price");
    expect(
      monthlyCosts([{ type: "AWS::EC2::VPCEndpoint", properties: { VpcEndpointType: "Gateway" } }]),
    ).toEqual([]);
    expect(() =>
      monthlyCosts([{ ...cache(1), properties: { CacheNodeType: "cache.r9z.huge", NumCacheClusters: 1 } }]),
    ).toThrow("no price for elasticache.cache.r9z.huge");
  });
});
