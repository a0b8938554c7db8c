import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { strFromU8, unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKeyChain } from "../../functions/adapters/secrets/load-key-chain.ts";
import type { KeyChain } from "../../functions/core/domain/key-chain.ts";
import { MESSAGES } from "../../functions/core/domain/lake-schema.ts";
import {
  declarationOf,
  type ErasableStoreName,
  type StoreName,
  storesOf,
} from "../../functions/core/domain/personal-stores.ts";
import { USER_BEHAVIOR } from "../../functions/core/domain/user-tables.ts";
import type { SubjectExportSummary } from "../../functions/core/use-cases/subject-export.ts";
import { trainingPerson } from "../../functions/core/use-cases/training-record.ts";
import { parquetOf } from "../contract/queries/lake-tables.ts";
import { hilo, hiloJson } from "../support/hilo.ts";
import { aLakeRow } from "../support/parquet/rows.ts";
import { somebody } from "../support/pipeline.ts";
import { openStage, type TestStage } from "../support/stage.ts";

const ANA = somebody("whatsapp");
/** Another person, whose id begins like hers. */
const OTHER = `${ANA}4`;
const ALIAS = somebody();
const DAY = "year=2026/month=03/day=03";
/** Stores of copies, which an access report does not repeat. */
const COPIES: readonly StoreName[] = ["passing", "holds"];

const canary = (store: StoreName, field: string, user = ANA): string =>
  `canary ${store} ${field} ${user === ANA ? "ana" : "other"}`.replaceAll(" ", "-");
/** Every field that is declared, filled with its canary. */
const filled = (store: StoreName, user: string): Record<string, string> =>
  Object.fromEntries(
    declarationOf(store)
      .fields.filter((field) => /^[a-z_]+$/.test(field))
      .map((field) => [field, canary(store, field, user)]),
  );

let stage: TestStage;
let keys: KeyChain;
let folder: string;
const planted: string[] = [];

const table = (name: string): string => stage.outputs.tables[name] ?? name;
const putItem = (name: string, Item: Record<string, unknown>) =>
  stage.documents.send(new PutCommand({ TableName: table(name), Item }));

async function putObject(Key: string, Body: Uint8Array | string, ContentType: string, user?: string) {
  if (user) await putItem("user-objects", { user_id: user, object: Key, generation: 1 });
  await stage.s3.send(new PutObjectCommand({ Bucket: stage.outputs.bucket, Key, Body, ContentType }));
  planted.push(Key);
}

/** Everything of a person, written past the product. */
async function plant(user: string): Promise<void> {
  const key = { user_id: user, generation: 1 };
  const rows: Readonly<Record<string, Record<string, unknown>>> = {
    "conversation-contexts": { timestamp: `2026-03-03T10:00:00.000Z#${user}` },
    "message-ids": { message_id: canary("message-ids", "message_id", user) },
    "user-profiles": {},
    conversations: { created_at: "2026-03-03T10:00:00.000Z" },
    "conversation-sessions": { session_id: canary("conversation-sessions", "session_id", user) },
    quarantine: { received: `2026-03-03T10:00:00.000Z#${user}` },
  };
  for (const [name, item] of Object.entries(rows))
    await putItem(name, { ...filled(name as StoreName, user), ...item, ...key });
  await stage.redis.hset(`session:{${keys.tag(user)}}`, filled("cache", user));
  await stage.openSearch.index({
    index: "conversations-2026-03",
    id: `${user}-subject`,
    body: { ...filled("search", user), ...key, timestamp: "2026-03-03T10:00:00.000Z", message_id: "m" },
    refresh: true,
  });
  for (const [store, key, type] of [
    ["media", "media/images/2026/03/03", "image/jpeg"],
    ["tool-results", "tool-results/2026/03/03", "application/json"],
    ["quarantine-bodies", "quarantine/2026/03/03", "application/json"],
  ] as const)
    await putObject(
      `${key}/${trainingPerson(user, keys)}`,
      canary(store, declarationOf(store).fields[0] ?? "", user),
      type,
      user,
    );
}

/** Objects that hold both of them. */
async function plantShared(): Promise<void> {
  const people = [ANA, OTHER].sort();
  const lake = people.map((user_id) => {
    const { user_id: _, metadata, ...fields } = filled("lake", user_id);
    const { tool_calls, media, extra, ...texts } = fields;
    const jsons = { metadata_other: metadata, tool_calls, media, extra };
    const asJson = Object.entries(jsons).map(([name, value]) => [name, JSON.stringify({ said: value })]);
    return aLakeRow({ ...texts, ...Object.fromEntries(asJson), user_id });
  });
  const behavior = people.map((user_id) => ({
    ...Object.fromEntries(
      USER_BEHAVIOR.schema.columns.map(({ name, type }) => [
        name,
        { string: "", json: "{}", bigint: 1n, double: 0, date: 20_000, boolean: false, timestamp: 0 }[type],
      ]),
    ),
    user_id,
    intents: JSON.stringify({ [canary("user-behavior", "every measure", user_id)]: 1 }),
  }));
  const log = people.map((user) => ({
    user_id: trainingPerson(user, keys),
    generation: 1,
    question: [{ content: canary("training-logs", "question", user) }],
    answers: [{ content: canary("training-logs", "answer", user) }],
  }));
  const items = people.map((user) => ({
    Item: Object.fromEntries(
      Object.entries({ ...filled("backups", user), user_id: user }).map(([name, value]) => [
        name,
        { S: value },
      ]),
    ),
  }));
  const lines = (records: readonly unknown[]) =>
    gzipSync(records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  const shared: readonly (readonly [string, Uint8Array, string])[] = [
    [
      `conversations/${DAY}/conversations.parquet`,
      await parquetOf(MESSAGES, "hyparquet", lake),
      "application/parquet",
    ],
    [
      `analytics/user_behavior/daily/${DAY}/user_behavior.parquet`,
      await parquetOf(USER_BEHAVIOR.schema, "hyparquet", behavior),
      "application/parquet",
    ],
    [`logs/${DAY}/interactions.jsonl.gz`, lines(log), "application/gzip"],
  ];
  for (const [key, bytes, type] of shared) {
    for (const user_id of people) await putItem("user-objects", { user_id, object: key, generation: 1 });
    await putObject(key, bytes, type);
  }
  await putObject("backups/dynamodb/AWSDynamoDB/01-subject/data/a.json.gz", lines(items), "application/gzip");
}

beforeAll(async () => {
  stage = await openStage();
  keys = await loadKeyChain(stage.secrets, stage.outputs.keySecret);
  folder = mkdtempSync(join(tmpdir(), "hilo-subject-"));
  for (const user of [ANA, OTHER]) await plant(user);
  await plantShared();
  const person = `person_${trainingPerson(ANA, keys)}`;
  for (const alias of [ANA, ALIAS]) {
    const link = { valid_from: "2026-01-01T00:00:00.000Z" };
    await putItem("identities", { alias, linked: person, ...link });
    await putItem("identities", { alias: person, linked: alias, ...link });
  }
  await putItem("user-profiles", { user_id: ALIAS, generation: 1, preferences: "canary-alias" });
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  for (const Key of planted)
    await stage.s3.send(new DeleteObjectCommand({ Bucket: stage.outputs.bucket, Key }));
  await stage.openSearch.deleteByQuery({
    index: "conversations-2026-03",
    body: { query: { terms: { user_id: [ANA, OTHER] } } },
  });
  await stage.redis.del(...[ANA, OTHER].map((user) => `session:{${keys.tag(user)}}`));
  await stage.close();
});

describe("hilo subject export", () => {
  it("holds every field of a person in every store, under all their ids, and nothing of anybody else", async () => {
    const out = join(folder, "ana.zip");
    const summary = await hiloJson<SubjectExportSummary>("subject", "export", ANA, "--out", out);
    const files = unzipSync(readFileSync(out));
    const textOf = (store: ErasableStoreName): string =>
      Object.entries(files)
        .filter(([path]) => path.startsWith(`${store}/`))
        .map(([, bytes]) => strFromU8(bytes))
        .join("\n");
    const everything = Object.values(files)
      .map((bytes) => strFromU8(bytes))
      .join("\n");

    for (const store of storesOf().filter((name) => !COPIES.includes(name))) {
      expect(summary.stores[store], store).toBeGreaterThan(0);
      const text = textOf(store);
      const fields = declarationOf(store).fields.filter((field) => text.includes(canary(store, field)));
      // Keys of rows are the person's own id, hashes stand for it in logs, and links are looked at below.
      const others = declarationOf(store).fields.filter(
        (field) => !fields.includes(field) && !/^user_id$|hash|^alias$|^linked$/.test(field),
      );
      expect(others, store).toEqual([]);
    }
    expect(textOf("identities")).toContain(ALIAS);
    expect(textOf("user-profiles")).toContain("canary-alias");
    expect(everything).not.toContain("-other");
    expect(everything.includes(`${OTHER}"`)).toBe(false);
    for (const path of Object.keys(files)) expect(path).not.toMatch(/\+|:|web_|whatsapp/);
    expect(statSync(out).mode & 0o077).toBe(0);
  });

  it("writes over nothing without --force, and leaves no half a file behind", async () => {
    const out = join(folder, "twice.zip");
    expect((await hilo("subject", "export", ALIAS, "--out", out)).code).toBe(0);
    const again = await hilo("subject", "export", ALIAS, "--out", out);
    expect([again.code, again.errors]).toEqual([2, expect.stringContaining("--force")]);
    const nowhere = await hilo("subject", "export", ALIAS, "--out", join(folder, "no", "such.zip"));
    expect(nowhere.code).toBe(1);
  });

  it("asks whose an id is that was somebody else's, too", async () => {
    const [recycled, first, second] = [somebody("whatsapp"), `person_a${ANA}`, `person_b${ANA}`];
    for (const person of [first, second])
      for (const [alias, linked] of [
        [recycled, person],
        [person, recycled],
      ])
        await putItem("identities", { alias, linked, valid_from: "2026-01-01T00:00:00.000Z" });
    const out = join(folder, "recycled.zip");
    const asked = await hilo("subject", "export", recycled, "--out", out);
    expect([asked.code, asked.errors]).toEqual([2, expect.stringContaining("--include or --exclude")]);
    expect((await hilo("subject", "export", recycled, "--out", out, "--include", recycled)).code).toBe(0);
  });
});
