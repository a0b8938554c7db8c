import { randomUUID } from "node:crypto";
import { DeleteObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPersonObjects } from "../../../functions/adapters/dynamodb/person-objects.ts";
import {
  createLakeRowRemoval,
  createMessageRowRemoval,
} from "../../../functions/adapters/parquet/row-removal.ts";
import { createLakeVersions } from "../../../functions/adapters/s3/lake-versions.ts";
import { type ErasureTarget, isNothing } from "../../../functions/core/domain/erasure.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { lakeObjectKey } from "../../../functions/core/domain/lake-keys.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { type RoutedMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { UserRow } from "../../../functions/core/domain/user-tables.ts";
import type { PersonalStore } from "../../../functions/core/ports/personal-store.ts";
import { abortUploads } from "../../../functions/core/use-cases/erasure/abort-uploads.ts";
import { createObjectStores } from "../../../functions/core/use-cases/erasure/object-stores.ts";
import { memoryNotes } from "../../../functions/core/use-cases/erasure/request-notes.ts";
import { exportDayObject } from "../../../functions/core/use-cases/export-day-object.ts";
import { finishDay } from "../../../functions/core/use-cases/finish-day.ts";
import { verifyDays } from "../../../functions/core/use-cases/verify-days.ts";
import { aRoutedMessage, tagOf } from "../../support/builders.ts";
import { drawPastDay } from "../../support/days.ts";
import { LakeStage } from "../../support/lake-stage.ts";
import { collect } from "../../support/parquet/rows.ts";
import { openDynamo, storesOf } from "./engine.ts";

const engine = await openDynamo();
const stage = new LakeStage(engine);
const { store } = storesOf(engine);
const { s3, documents } = engine.engines;
const people = createPersonObjects({ client: documents, table: engine.table("user-objects") });
const versions = createLakeVersions({ client: s3, bucket: engine.bucket });
const used: string[] = [];
beforeAll(async () => {
  // What other tests left unfinished an erasure would count and abort.
  const { objects } = stage.exportDeps();
  for (const upload of await collect(versions.uploads("conversations/"))) await objects.abort(upload);
});
afterAll(async () => {
  for (const day of used) await stage.forgetDay(day);
  await engine.engines.close();
});

const PACE = { hasTime: () => true, unheld: async (targets: readonly ErasureTarget[]) => targets };

/** A day that nobody writes to, and of which no earlier run left an object. */
async function newDay(): Promise<string> {
  for (;;) {
    const day = drawPastDay("erase-objects", used);
    if ((await collect(versions.list(lakeObjectKey(day, 0, 1)))).length > 0) continue;
    used.push(day);
    return day;
  }
}

const messageOf = (day: string, user_id: string, n = 0): RoutedMessage => {
  const timestamp = `${day}T12:00:00.${String(n).padStart(3, "0")}Z`;
  return aRoutedMessage({ user_id, message_id: `m-${n}`, timestamp, first_received_at: timestamp });
};

/** The stores of a new request on the running stage. */
function stores() {
  const { days, objects, people: index } = stage.exportDeps();
  return createObjectStores({
    people,
    index,
    objects,
    versions,
    days,
    rows: createMessageRowRemoval(),
    userRows: ({ schema }) => createLakeRowRemoval<UserRow>(schema),
    keys: new KeyChain({ k1: "x".repeat(40) }),
    notes: memoryNotes(),
    writerLifeMs: 0,
  });
}

/** Fences people and takes their rows out of the table. */
async function fence(messages: readonly RoutedMessage[], ...ids: string[]): Promise<ErasureTarget[]> {
  for (const user_id of ids) await stage.fence(user_id, 1);
  for (const message of messages) {
    if (ids.includes(message.user_id)) await stage.expire(message.user_id, sortKeyOf(message));
  }
  const fenced_at = new Date().toISOString();
  return ids.map((user_id) => ({
    user_id,
    tag: tagOf(user_id),
    tags: [tagOf(user_id)],
    generation: 1,
    fenced_at,
  }));
}

async function stored(messages: readonly RoutedMessage[]): Promise<void> {
  for (let start = 0; start < messages.length; start += 10) {
    for (const { status } of await store.store(messages.slice(start, start + 10)))
      expect(status).toBe("stored");
  }
}

const exportDay = (day: string) => exportDayObject({ day, object: 0, objects: 1 }, stage.exportDeps());

/** Rows of every version of a day's object. */
async function rowsEverywhere(day: string): Promise<LakeRow[]> {
  const key = lakeObjectKey(day, 0, 1);
  const { objects, files } = stage.exportDeps();
  const rows: LakeRow[] = [];
  for await (const version of versions.entries(key)) {
    if (!version.isMarker) rows.push(...(await collect(files.read(objects.open(key, version)))));
  }
  return rows;
}

async function expectGone(lake: PersonalStore, targets: readonly ErasureTarget[]): Promise<void> {
  expect((await lake.verify(targets)).every(isNothing)).toBe(true);
}

describe("an erasure from the lake on DynamoDB and S3", () => {
  it("takes a person out of a row group of others and out of old versions, and keeps the day clean", async () => {
    const day = await newDay();
    const base = `web:${randomUUID()}`;
    const odd = ["+123", "+1234", "*", "a:b", "{x}", "../", "%2F", '"}', "\u{1f642}"].map(
      (id) => `${base}${id}`,
    );
    const messages = odd.flatMap((user) => [messageOf(day, user, 0), messageOf(day, user, 1)]);
    await stored(messages);
    await exportDay(day);
    // Once more, so that there is an old version.
    const late = messageOf(day, odd[1] ?? "", 2);
    await stored([late]);
    await exportDay(day);
    expect(await finishDay(day, stage.finishDeps())).toMatchObject({ state: "clean" });
    const others = (await stage.rows(day)).filter((row) => row.user_id !== odd[0]);

    const targets = await fence(messages, odd[0] ?? "");
    const { lake } = stores();
    const before = await lake.count(targets);
    expect(before).toMatchObject([{ items: 1, objects: 1, versions: 2, rows: 2 }]);
    const { removed } = await lake.erase(targets, PACE);
    expect(removed).toEqual(before);

    expect(await stage.rows(day)).toEqual(others);
    expect((await rowsEverywhere(day)).filter((row) => row.user_id === odd[0])).toEqual([]);
    await expectGone(lake, targets);
    expect((await stage.exportDeps().days.read(day)).state).toBe("clean");
    expect(await finishDay(day, stage.finishDeps())).toMatchObject({ state: "clean", reasons: [] });
    for await (const result of verifyDays(day, day, stage.verifyDeps())) {
      expect(result).toMatchObject({ state: "clean", differences: [] });
    }

    // Everybody else at once, then: an object without rows.
    const rest = await fence(messages, ...odd.slice(1));
    await stage.expire(late.user_id, sortKeyOf(late));
    const all = stores().lake;
    await all.erase(rest, PACE);
    await expectGone(all, rest);
    expect(await stage.rows(day)).toEqual([]);
    expect(await finishDay(day, stage.finishDeps())).toMatchObject({ state: "clean", rows: 0 });
  });

  it("erases while the same day is exported; both end right", async () => {
    const day = await newDay();
    const [ana, bea] = [`web:${randomUUID()}`, `web:${randomUUID()}`];
    const messages = [ana, bea].flatMap((user) =>
      Array.from({ length: 5 }, (_, n) => messageOf(day, user, n)),
    );
    await stored(messages);
    await exportDay(day);
    const late = messageOf(day, bea, 9);
    await stored([late]);
    const targets = await fence(messages, ana);
    const { lake } = stores();
    const { days, objects } = stage.exportDeps();
    await abortUploads(targets, { days, objects, versions, people });
    await Promise.all([lake.erase(targets, PACE), exportDay(day)]);
    // The last pass.
    await lake.erase(targets, PACE);
    if (!(await lake.verify(targets)).every(isNothing)) await lake.erase(targets, PACE);
    await expectGone(lake, targets);
    // Whoever came second replaced the other's version.
    expect((await rowsEverywhere(day)).filter((row) => row.user_id !== bea)).toEqual([]);
    expect(await stage.rows(day)).toHaveLength(6);
    await exportDay(day);
    expect(await finishDay(day, stage.finishDeps())).toMatchObject({ state: "clean", rows: 6 });
  });

  it("removes an object's old versions below a delete marker, and a person's own objects", async () => {
    const day = await newDay();
    const ana = `web:${randomUUID()}`;
    const messages = [messageOf(day, ana)];
    await stored(messages);
    await exportDay(day);
    const key = lakeObjectKey(day, 0, 1);
    await s3.send(new DeleteObjectCommand({ Bucket: engine.bucket, Key: key }));
    const own = `media/images/${randomUUID()}.jpg`;
    await stage.exportDeps().people.add(own, [{ user_id: ana, generation: 1 }]);
    for (const Key of [own, own, `${own}.bak`]) {
      await s3.send(new PutObjectCommand({ Bucket: engine.bucket, Key, Body: "x" }));
    }
    await s3.send(new DeleteObjectCommand({ Bucket: engine.bucket, Key: own }));
    const targets = await fence(messages, ana);
    const { lake, media } = stores();
    expect(await media.count(targets)).toMatchObject([{ items: 1, objects: 0, versions: 3 }]);
    for (const one of [lake, media]) {
      await one.erase(targets, PACE);
      await expectGone(one, targets);
    }
    expect(await collect(versions.entries(key))).toEqual([]);
    expect((await collect(versions.below(own))).map((version) => version.key)).toEqual([`${own}.bak`]);
    expect(await collect(people.list(ana, ""))).toEqual([]);
  });
});
