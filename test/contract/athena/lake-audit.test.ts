import { join } from "node:path";
import { gzipSync } from "node:zlib";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLakeAudit, type LakeAuditDeps } from "../../../functions/adapters/athena/lake-audit.ts";
import { createQueryRunner } from "../../../functions/adapters/athena/query-runner.ts";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createLakePeople } from "../../../functions/adapters/dynamodb/lake-people.ts";
import { createLakeVersions } from "../../../functions/adapters/s3/lake-versions.ts";
import { createStagedFiles } from "../../../functions/adapters/s3/staged-files.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { MESSAGES } from "../../../functions/core/domain/lake-schema.ts";
import { USER_BEHAVIOR, USER_PATTERNS } from "../../../functions/core/domain/user-tables.ts";
import type { QueryRunner } from "../../../functions/core/ports/query-runner.ts";
import { auditLake } from "../../../functions/core/use-cases/lake-audit.ts";
import { trainingPerson } from "../../../functions/core/use-cases/training-record.ts";
import { readQueryFiles } from "../../../functions/runtime/query-files.ts";
import { aLakeRow } from "../../support/parquet/rows.ts";
import { openStage, type TestStage } from "../../support/stage.ts";
import { parquetOf } from "../queries/lake-tables.ts";

const DAY = "year=2026/month=06/day=17";
const MESSAGES_KEY = `conversations/${DAY}/conversations.parquet`;
const BEHAVIOR_KEY = `analytics/user_behavior/daily/${DAY}/user_behavior.parquet`;
const LOG_KEY = `logs/${DAY}/interactions.jsonl.gz`;
const STRAY_KEY = "conversations/stray.parquet";

const keys = new KeyChain({ k1: "a key that is long enough for the audit" });
/** Ids that SQL, JSON, paths or patterns could take for something else; `+123` is the beginning of another. */
const AUDITED = ["whatsapp:+123", 'web:o\'brien "x" \\', "web:%", "web:_", "web:🙂", "web:{x}", "web:*"];
const BYSTANDERS = ["whatsapp:+1234", "web:o", "web:🙃", "web:ab"];

let stage: TestStage;
let deps: LakeAuditDeps;
const asked: string[] = [];
const planted: { Key: string; VersionId: string | undefined }[] = [];

async function put(Key: string, Body: Uint8Array | string): Promise<void> {
  const { VersionId } = await stage.s3.send(
    new PutObjectCommand({ Bucket: stage.outputs.bucket, Key, Body }),
  );
  planted.push({ Key, VersionId });
}

/** A row of a table of people, all else that it must have empty. */
const personRow = (schema: typeof USER_BEHAVIOR.schema, user_id: string, generation: bigint) =>
  Object.fromEntries(
    schema.columns.map(({ name, type }) => [
      name,
      name === "user_id"
        ? user_id
        : name === "generation"
          ? generation
          : type === "bigint"
            ? 0n
            : type === "date"
              ? 20_000
              : type === "json"
                ? "{}"
                : type === "double"
                  ? 0
                  : "",
    ]),
  );

const table = (name: string): string => stage.outputs.tables[name] ?? name;

beforeAll(async () => {
  stage = await openStage();
  const { s3: client, outputs } = stage;
  const runner = createQueryRunner({
    client: stage.athena(),
    workGroup: outputs.lake?.workGroup ?? "",
    database: outputs.lake?.database ?? "",
  });
  const query = readQueryFiles(join(import.meta.dirname, "../../../queries")).get("erasure-audit");
  if (query === undefined) throw new Error("no query erasure-audit");
  const watched: QueryRunner = {
    run(sql, parameters, options) {
      asked.push(
        JSON.stringify([sql, parameters], (_, value) => (typeof value === "bigint" ? `${value}` : value)),
      );
      return runner.run(sql, parameters, options);
    },
  };
  const bucket = outputs.bucket;
  deps = {
    runner: watched,
    query,
    client,
    bucket,
    files: createStagedFiles({ client, bucket }),
    versions: createLakeVersions({ client, bucket }),
  };
  const rows = [...AUDITED, ...BYSTANDERS]
    .sort()
    .flatMap((user_id) => [
      aLakeRow({ user_id, message_id: "a", timestamp: 1 }),
      aLakeRow({ user_id, message_id: "b", timestamp: 2 }),
      ...(user_id === "web:🙂" ? [aLakeRow({ user_id, message_id: "c", timestamp: 3, generation: 2n })] : []),
    ]);
  await put(MESSAGES_KEY, await parquetOf(MESSAGES, "hyparquet", rows));
  await put(STRAY_KEY, await parquetOf(MESSAGES, "hyparquet", rows));
  const people = (schema: typeof USER_BEHAVIOR.schema) =>
    parquetOf(schema, "hyparquet", [personRow(schema, "web:%", 1n), personRow(schema, "whatsapp:+1234", 1n)]);
  await put(BEHAVIOR_KEY, await people(USER_BEHAVIOR.schema));
  await put(USER_PATTERNS.key(""), await people(USER_PATTERNS.schema));
  await put(USER_PATTERNS.namedIn ?? "", `s3://${bucket}/${USER_PATTERNS.key("")}\n`);
  const record = (user_id: string) =>
    `${JSON.stringify({ interaction_id: "i", user_id, generation: 1, question: [{ content: "a" }] })}\n`;
  const log = [trainingPerson("whatsapp:+123", keys), trainingPerson("web:ab", keys), "web:*"].map(record);
  await put(LOG_KEY, gzipSync(log.join("")));
});

afterAll(async () => {
  for (const { Key, VersionId } of planted)
    await stage.s3.send(new DeleteObjectCommand({ Bucket: stage.outputs.bucket, Key, VersionId }));
  await stage?.close();
});

/** Texts of all objects below a folder, and how many versions there are. */
async function textsBelow(Prefix: string): Promise<string[]> {
  const Bucket = stage.outputs.bucket;
  const { Contents: found = [] } = await stage.s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
  return Promise.all(
    found.map(async ({ Key }) => {
      const { Body } = await stage.s3.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? "";
    }),
  );
}

async function versionsBelow(Prefix: string): Promise<number> {
  const { Versions = [], DeleteMarkers = [] } = await stage.s3.send(
    new ListObjectVersionsCommand({ Bucket: stage.outputs.bucket, Prefix }),
  );
  return Versions.length + DeleteMarkers.length;
}

describe("audit of the lake", () => {
  it("finds every row of every table, and what the index did not name", async () => {
    const { documents: client } = stage;
    const people = createLakePeople({ client, table: table("user-objects"), clock: systemClock });
    // All but `web:%` are in the index; one of `web:🙂` in too low a generation.
    for (const user_id of AUDITED.filter((id) => id !== "web:%"))
      await people.add(MESSAGES_KEY, [{ user_id, generation: 1 }]);
    await people.add(LOG_KEY, [
      { user_id: "whatsapp:+123", generation: 1 },
      { user_id: "web:*", generation: 1 },
    ]);
    const ledger = createErasureLedger({ client, table: table("erasure-ledger") });
    const report = await auditLake(
      AUDITED.map((id) => [id]),
      { audit: createLakeAudit(deps), people, ledger, keys },
    );
    const found = (user: string) =>
      report.found
        .filter(({ person }) => AUDITED[person] === user)
        .map(({ object, generation, rows, indexed }) => [object, generation, rows, indexed]);
    for (const user of AUDITED.filter((id) => !["web:%", "web:🙂", "whatsapp:+123", "web:*"].includes(id)))
      expect(found(user), user).toEqual([[MESSAGES_KEY, 1, 2, true]]);
    expect(found("web:🙂")).toEqual([
      [MESSAGES_KEY, 1, 2, true],
      [MESSAGES_KEY, 2, 1, false],
    ]);
    expect(found("web:%")).toEqual([
      [USER_PATTERNS.key(""), 1, 1, false],
      [BEHAVIOR_KEY, 1, 1, false],
      [MESSAGES_KEY, 1, 2, false],
    ]);
    // Under its keyed hash, and where the stage does not pseudonymise, as it is.
    expect(found("whatsapp:+123")).toContainEqual([LOG_KEY, 1, 1, true]);
    expect(found("web:*")).toContainEqual([LOG_KEY, 1, 1, true]);
    expect(report.found.every(({ erased }) => !erased)).toBe(true);
    expect(report.unread).toContain(STRAY_KEY);
    expect(report.objects).toBeGreaterThanOrEqual(3);
  });

  it("leaves no id in the query, its parameters, its result or the bucket", async () => {
    const traces = [...asked, ...(await textsBelow("athena-results/"))].join("\n");
    expect(asked).not.toEqual([]);
    const hashes = AUDITED.map((user) => trainingPerson(user, keys));
    for (const trace of ["+123", "o'brien", "🙂", ...hashes]) expect(traces).not.toContain(trace);
    expect(await versionsBelow("staging/erasure-audit/")).toBe(0);
  });

  it("removes the ids when the query fails, too", async () => {
    const broken: QueryRunner = {
      async run() {
        expect(await versionsBelow("staging/erasure-audit/")).toBe(1);
        throw new Error("no answer");
      },
    };
    await expect(createLakeAudit({ ...deps, runner: broken }).scan(["web:1"])).rejects.toThrow("no answer");
    expect(await versionsBelow("staging/erasure-audit/")).toBe(0);
  });
});
