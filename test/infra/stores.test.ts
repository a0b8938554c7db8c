import { describe, expect, it } from "vitest";
import { asList, at, type Json, type Resource, type Synthesised, synthesise } from "./synthesise.ts";

const STAGES = { local: synthesise("local"), lean: synthesise("lean") };

/** Keys, indexes and expiry as docs and adapters rely on them: hash, range, index → hash, range, projection. */
const EXPECTED_TABLES: Readonly<Record<string, Json>> = {
  "conversation-contexts": {
    keys: ["user_id", "timestamp"],
    indexes: {
      SessionIndex: ["session_id", "timestamp", "KEYS_ONLY"],
      MessageTypeIndex: ["message_type_shard", "timestamp", "KEYS_ONLY"],
      DayIndex: ["day_shard", "day_sort", "ALL"],
    },
    ttl: "ttl",
  },
  "message-ids": { keys: ["user_id", "message_id"], indexes: {}, ttl: "ttl" },
  "user-profiles": {
    keys: ["user_id"],
    indexes: { CreatedDateIndex: ["created_date_shard", "created_date", "KEYS_ONLY"] },
    ttl: "ttl",
  },
  conversations: {
    keys: ["conversation_id", "user_id"],
    indexes: { "user_id-created_at-index": ["user_id", "created_at", "KEYS_ONLY"] },
    ttl: "ttl",
  },
  quarantine: {
    keys: ["user_id", "received"],
    indexes: { ReceivedIndex: ["received_shard", "received", "INCLUDE"] },
    ttl: "ttl",
  },
  "lake-days": {
    keys: ["day", "shard"],
    indexes: { DirtyIndex: ["dirty", "day", "KEYS_ONLY"] },
    ttl: null,
  },
  "conversation-sessions": { keys: ["user_id", "session_id"], indexes: {}, ttl: "ttl" },
  identities: { keys: ["alias", "linked"], indexes: {}, ttl: null },
  "erasure-subjects": { keys: ["request_id", "entry"], indexes: {}, ttl: "ttl" },
  "erasure-ledger": {
    keys: ["tag"],
    indexes: { OpenIndex: ["open", "created_at", "ALL"] },
    ttl: null,
  },
  "user-objects": { keys: ["user_id", "object"], indexes: {}, ttl: "ttl" },
};

const keyNames = (schema: Json | undefined): readonly (Json | undefined)[] =>
  asList(schema).map((key) => at(key, "AttributeName"));

function shapeOf({ properties }: Resource): Json {
  const indexes = asList(properties["GlobalSecondaryIndexes"]).map((index) => [
    String(at(index, "IndexName")),
    [...keyNames(at(index, "KeySchema")), at(index, "Projection", "ProjectionType")],
  ]);
  return {
    keys: keyNames(properties["KeySchema"]),
    indexes: Object.fromEntries(indexes),
    ttl: at(properties["TimeToLiveSpecification"], "AttributeName") ?? null,
  } as Json;
}

describe.each(Object.entries(STAGES))("tables of %s", (name, stage: Synthesised) => {
  const tables = stage.ofType("AWS::DynamoDB::Table");
  const logicalName = ({ properties }: Resource): string =>
    String(properties["TableName"]).replace(`hilo-${name}-`, "");

  it("have the keys, indexes and expiry of the data model", () => {
    const found = Object.fromEntries(tables.map((table) => [logicalName(table), shapeOf(table)]));
    expect(found).toEqual(EXPECTED_TABLES);
  });

  it.each(tables.map((table) => [logicalName(table), table] as const))(
    "%s is paid by request, restorable to a point in time unless it holds raw ids, and under our key",
    (logical, { properties }) => {
      expect(properties["BillingMode"]).toBe("PAY_PER_REQUEST");
      const recovery = at(properties["PointInTimeRecoverySpecification"], "PointInTimeRecoveryEnabled");
      expect(recovery).toBe(logical !== "erasure-subjects");
      // Neither a stream nor a copy elsewhere keeps what is deleted.
      expect(properties["StreamSpecification"]).toBeUndefined();
      expect(at(properties["SSESpecification"], "SSEType")).toBe("KMS");
      expect(JSON.stringify(at(properties["SSESpecification"], "KMSMasterKeyId"))).toContain("DataKey");
    },
  );
});

describe("what outlives its stack", () => {
  const stores = [
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::KMS::Key",
    "AWS::SecretsManager::Secret",
    "AWS::OpenSearchService::Domain",
  ];
  it.each(stores)("%s is retained in AWS", (type) => {
    const found = STAGES.lean.ofType(type);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map(({ deletionPolicy }) => deletionPolicy))).toEqual(new Set(["Retain"]));
  });

  it("tables are protected from deletion in AWS, not locally", () => {
    const protectedIn = (stage: Synthesised) =>
      new Set(
        stage.ofType("AWS::DynamoDB::Table").map(({ properties }) => properties["DeletionProtectionEnabled"]),
      );
    expect(protectedIn(STAGES.lean)).toEqual(new Set([true]));
    expect(protectedIn(STAGES.local)).toEqual(new Set([false]));
  });
});

describe.each(Object.entries(STAGES))("bucket of %s", (name, stage: Synthesised) => {
  const bucket = stage
    .ofType("AWS::S3::Bucket")
    .find(({ properties }) => JSON.stringify(properties["BucketName"]).includes(`hilo-${name}-data`));

  it("is versioned, under our key, closed to the public, logged", () => {
    expect(at(bucket?.properties["VersioningConfiguration"], "Status")).toBe("Enabled");
    const encryption = JSON.stringify(bucket?.properties["BucketEncryption"]);
    expect(encryption).toContain('"SSEAlgorithm":"aws:kms"');
    expect(encryption).toContain("DataKey");
    expect(bucket?.properties["PublicAccessBlockConfiguration"]).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
    expect(bucket?.properties["LoggingConfiguration"]).toBeDefined();
    expect(bucket?.properties["ObjectLockEnabled"]).toBeUndefined();
  });

  it("refuses what does not come by TLS, as does the bucket of its access logs", () => {
    const policies = stage.ofType("AWS::S3::BucketPolicy");
    expect(policies).toHaveLength(stage.ofType("AWS::S3::Bucket").length);
    for (const { properties } of policies) {
      const refusals = asList(at(properties["PolicyDocument"], "Statement")).filter(
        (statement) =>
          at(statement, "Effect") === "Deny" &&
          at(statement, "Condition", "Bool", "aws:SecureTransport") === "false",
      );
      expect(refusals).toHaveLength(1);
    }
  });
});

describe("key of the hashes", () => {
  it("is generated with 64 characters in the field k1, under our key", () => {
    const secrets = STAGES.lean.ofType("AWS::SecretsManager::Secret");
    expect(secrets).toHaveLength(1);
    expect(secrets[0]?.properties).toMatchObject({
      Name: "hilo-lean/hash-keys",
      GenerateSecretString: { GenerateStringKey: "k1", SecretStringTemplate: "{}", PasswordLength: 64 },
    });
    expect(JSON.stringify(secrets[0]?.properties["KmsKeyId"])).toContain("DataKey");
  });
});
