import { setTimeout as sleep } from "node:timers/promises";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ExportOutcome } from "../../cli/export/run-export.ts";
import { dayBefore, daysFrom } from "../../functions/core/domain/day.ts";
import type { DayVerification } from "../../functions/core/use-cases/verify-days.ts";
import { drawEmptyDays } from "../support/days.ts";
import { hilo, hiloJson } from "../support/hilo.ts";
import { Lake } from "../support/lake.ts";
import { ago, anEvent, Pipeline, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
let lake: Lake;

/** Days on which nobody had written. */
let [plain, late, expired, empty, killed, last] = ["", "", "", "", "", ""];
const [ana, beto, carla, dario] = [somebody("whatsapp"), somebody(), somebody(), somebody("telegram")];
const people = [ana, beto, carla, dario];
/** When the last row was announced, ms. */
let announced = 0;

const receivedAt = (day: string): string => (day === expired ? `${day}T10:10:00.000Z` : ago(600));

/** A question `u<n>` and its answer `a<n>`; those of the day `expired` came when they were written. */
const exchange = (day: string, user: string, n = 0, text = "¿dónde está mi pedido 48213?") => [
  anEvent(user, `${day}-u${n}`, {
    timestamp: `${day}T10:0${n}:00.000Z`,
    first_received_at: receivedAt(day),
    content: text,
  }),
  anEvent(user, `${day}-a${n}`, {
    timestamp: `${day}T10:0${n}:02.500Z`,
    first_received_at: receivedAt(day),
    role: "assistant",
    content: "Va en camino 🚚",
    ai_model_used: "gpt-4o-mini",
    confidence_score: 0.9,
    processing_time_ms: 900,
    tokens_used: 31,
    metadata: { intent: "order_status", sentiment: "neutral", sentiment_score: -0.1, language: "es" },
    tool_calls: [{ tool: "pedidos", args: { numero: "48213" }, result: { estado: "en camino" } }],
  }),
];

async function store(events: readonly unknown[]): Promise<void> {
  await pipeline.storeOnly(events);
  announced = Date.now();
}

/** Until what was announced is in the day's index for sure: the local stage's lag and the longest life of a writer. */
const settled = () => sleep(Math.max(0, announced + 17_500 - Date.now()));

/** Leaves what a worker does that is killed between the record of its upload and its completion. */
async function leaveUpload(): Promise<void> {
  const about = { exportId: "killed", contentType: "application/octet-stream" };
  const { write, key, uploadId } = await lake.objects.begin(lake.keyOf(killed), about);
  await write(new Uint8Array(6_000_000));
  const fenceSequence = await lake.days.fenceSequence();
  const entry = { day: killed, item: "object-0", upload: { key, uploadId }, fenceSequence };
  expect(await lake.days.recordUpload(entry)).toBe("recorded");
}

const stateOf = (outcome: ExportOutcome) =>
  Object.fromEntries(outcome.days.map(({ day, state, rows }) => [day, `${state} ${rows}`]));
const rowsOf = (outcome: ExportOutcome) => outcome.days.map(({ day, rows }) => [day, rows]);

beforeAll(async () => {
  pipeline = await Pipeline.open();
  lake = new Lake(pipeline);
  [plain = "", late = "", expired = "", empty = "", killed = "", last = ""] = await drawEmptyDays(
    pipeline,
    6,
  );
  await store([
    ...people.flatMap((user) => exchange(plain, user)),
    ...exchange(plain, ana, 1, "soy 12.345.678-5, mi correo es ana@correo.cl"),
    ...exchange(late, ana),
    ...exchange(expired, ana),
    ...exchange(expired, beto),
    ...exchange(killed, ana),
  ]);
  // Dario does not want to train models.
  const [profile] = await pipeline.itemsOf("user-profiles", dario);
  await lake.put("user-profiles", { ...profile, preferences: { training: false } });
});
afterAll(() => pipeline.close());

it("exports a range: files, logs, metrics; what was just announced stays dirty and says so", async () => {
  const outcome = await hiloJson<ExportOutcome>("export", "--from", plain, "--to", killed);
  expect(outcome.failed).toEqual([]);
  expect(rowsOf(outcome)).toEqual([
    [plain, 10],
    [late, 2],
    [expired, 4],
    [empty, 0],
    [killed, 2],
  ]);
  // The first is read at once; how long the others take is the machine's affair.
  expect(outcome.days[0]?.state).toBe("dirty");
  expect(outcome.days[3]?.state).toBe("clean");
  for (const { day, reasons, settledAt } of outcome.days.filter((one) => one.state === "dirty")) {
    expect(reasons, day).toEqual([expect.stringContaining("changed just before")]);
    expect(Date.parse(settledAt ?? "")).toBeGreaterThan(announced);
  }
  expect(await lake.rowsOf(plain)).toEqual(await lake.expectedRows(plain, people));
  expect(await lake.objects.head(lake.keyOf(empty))).toBeUndefined();

  const log = await lake.trainingLog(plain);
  expect(log).toHaveLength(4);
  const text = JSON.stringify(log);
  for (const secret of [...people, "12.345.678", "ana@correo.cl", `${plain}-u0`])
    expect(text).not.toContain(secret);
  expect(text).toContain("soy [ID], mi correo es [EMAIL]");
  expect(text).toContain('"tokens_used":31');
  for (const user of people) {
    const objects = (await pipeline.itemsOf("user-objects", user)).map(({ object }) => String(object));
    expect(objects).toContain(lake.keyOf(plain));
    expect(objects.some((key) => key.startsWith("logs/"))).toBe(user !== dario);
  }
  const metrics = JSON.parse(
    new TextDecoder().decode(await lake.read(`analytics/daily_metrics/${plain}.json`)),
  );
  expect(metrics).toMatchObject({ date: plain, total_messages: 10, unique_users: 4 });
});

it("exports what came late, was edited or expired since, and calls the days clean", async () => {
  const [edited] = exchange(plain, ana, 1, "ya llegó, gracias");
  const [changed] = exchange(expired, beto, 0, "otra cosa");
  await store([
    { ...edited, kind: "edit", timestamp: `${plain}T12:00:00.000Z`, first_received_at: ago(60) },
    ...exchange(late, carla, 1),
    { ...changed, kind: "edit", timestamp: `${expired}T12:00:00.000Z`, first_received_at: ago(60) },
  ]);
  // DynamoDB's TTL takes a row away while its day is dirty: it is gone from the table, not from what was said.
  const { user_id, timestamp } = await lake.itemOf(ana, `${expired}-u0`);
  const key = { user_id, timestamp };
  await pipeline.stage.documents.send(
    new DeleteCommand({ TableName: lake.table("conversation-contexts"), Key: key }),
  );
  await settled();
  const outcome = await hiloJson<ExportOutcome>("export", "--dirty");
  const own = daysFrom(plain, last);
  expect(outcome.failed.filter(({ day }) => own.includes(day))).toEqual([]);
  expect(stateOf(outcome)).toMatchObject({
    [plain]: "clean 10",
    [late]: "clean 4",
    [expired]: "clean 4",
  });
  expect(await lake.rowsOf(plain)).toEqual(await lake.expectedRows(plain, people));
  const rows = await lake.rowsOf(expired);
  const said = Object.fromEntries(
    rows.map((row) => [row.message_id + row.user_id, [row["content"], row.revision]]),
  );
  expect(said[`${expired}-u0${ana}`]).toEqual(["¿dónde está mi pedido 48213?", 1n]);
  expect(said[`${expired}-u0${beto}`]).toEqual(["otra cosa", 2n]);
});

it("ends right after exports that were killed or stopped, and where two run at once", async () => {
  await store(exchange(killed, dario, 1));
  await leaveUpload();
  expect(await lake.pendingUploads(killed)).toEqual([lake.keyOf(killed)]);
  const { stepFunctions, outputs } = pipeline.stage;
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: outputs.stateMachines["conversation-export"],
      input: JSON.stringify({ from: killed }),
    }),
  );
  await stepFunctions.send(new StopExecutionCommand({ executionArn }));

  const runs = await Promise.all([hilo("export", killed), hilo("export", killed)]);
  expect(runs.map(({ code, output }) => [code, output])).toEqual(
    runs.map(() => [0, expect.stringMatching(new RegExp(`${killed} +4 `))]),
  );
  expect(await lake.rowsOf(killed)).toEqual(await lake.expectedRows(killed, people));
  expect(await lake.pendingUploads(killed)).toEqual([]);
});

it("names every difference between table, lake and manifests, and nobody", async () => {
  const before = await hilo("export", "--verify", plain, killed);
  expect([before.code, before.output.match(/equal/g)?.length], before.output).toEqual([0, 5]);

  const row = await lake.itemOf(beto, `${plain}-u0`);
  await lake.put("conversation-contexts", { ...row, revision: 2, content: "corregido" });
  const other = await lake.itemOf(beto, `${plain}-a0`);
  await lake.put("conversation-contexts", { ...other, content: "otro texto" });
  const unseen = await lake.itemOf(carla, `${plain}-u0`);
  const timestamp = `${plain}T23:59:59.999Z#nueva`;
  await lake.put("conversation-contexts", {
    ...unseen,
    timestamp,
    message_id: "nueva",
    day_sort: `${carla}\u0001${timestamp}`,
  });
  const { user_id, timestamp: gone } = await lake.itemOf(carla, `${plain}-a0`);
  const { documents, s3, outputs } = pipeline.stage;
  await documents.send(
    new DeleteCommand({ TableName: lake.table("conversation-contexts"), Key: { user_id, timestamp: gone } }),
  );
  const indexed = { user_id: ana, object: lake.keyOf(plain) };
  await documents.send(new DeleteCommand({ TableName: lake.table("user-objects"), Key: indexed }));
  await lake.put("erasure-ledger", { tag: pipeline.keys.tag(dario), generation: 1, fenced_at: ago(0) });
  const bytes = await lake.read(lake.keyOf(expired));
  const place = { Bucket: outputs.bucket, Key: lake.keyOf(expired) };
  await s3.send(new PutObjectCommand({ ...place, Body: bytes }));
  const removed = { Bucket: outputs.bucket, Key: lake.keyOf(late) };
  const { VersionId: marker } = await s3.send(new DeleteObjectCommand(removed));
  const manifest = { day: killed, shard: "object-0" };
  await documents.send(new DeleteCommand({ TableName: lake.table("lake-days"), Key: manifest }));
  await leaveUpload();
  await pipeline.storeOnly(exchange(last, ana));

  const { code, output, errors } = await hilo("export", "--verify", plain, last, "--json");
  expect([code, errors]).toEqual([1, ""]);
  const found = output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as DayVerification);
  const differences = Object.fromEntries(
    found.map(({ day, differences: list }) => [
      day,
      Object.fromEntries(list.map(({ kind, names }) => [kind, names])),
    ]),
  );
  expect(differences[plain]).toEqual({
    older: [`${plain}-u0`],
    different: [`${plain}-a0`],
    missing: ["nueva"],
    vanished: [`${plain}-a0`],
    unindexed: expect.any(Array),
    erased: [`${plain}-u0`, `${plain}-a0`],
  });
  expect(differences[expired]).toEqual({ "other-version": [lake.keyOf(expired)] });
  expect(Object.keys(differences[late] ?? {})).toContain("object-missing");
  // A day whose object is lost is not exported, so that nothing is: put it back.
  await s3.send(new DeleteObjectCommand({ ...removed, VersionId: marker }));
  expect(differences[empty]).toEqual({});
  expect(Object.keys(differences[killed] ?? {}).sort()).toEqual(
    expect.arrayContaining(["pending-upload", "unrecorded"]),
  );
  expect(differences[last]).toMatchObject({ unrecorded: [lake.keyOf(last)] });
  for (const user of people) expect(output).not.toContain(user);
});

it("takes days of the calendar that are not in the future, and one way to name them", async () => {
  const wrong = [
    ["2026-02-30"],
    ["2026-11-20' OR '1'='1"],
    [dayBefore(new Date(), -1)],
    ["--from", plain, "--to", dayBefore(new Date(), 500)],
    [plain, "--dirty"],
    [],
    ["--query", "daily-metrics"],
  ];
  const runs = await Promise.all(wrong.map((args) => hilo("export", ...args)));
  for (const [index, { code, errors }] of runs.entries()) {
    expect(code, wrong[index]?.join(" ")).toBe(2);
    expect(errors.length).toBeGreaterThan(10);
  }
});
