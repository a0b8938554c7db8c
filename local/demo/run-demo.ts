import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { formatContext, readRecentContext } from "../../cli/commands/context.ts";
import { formatEntry, readEntries } from "../../cli/commands/quarantine.ts";
import { formatHit } from "../../cli/commands/search.ts";
import { type StageSession, withStage } from "../../cli/stage-session.ts";
import { createErasureLedger } from "../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createProfileReader } from "../../functions/adapters/dynamodb/profile-reader.ts";
import { createMessageSearch } from "../../functions/adapters/opensearch/message-search.ts";
import { createEventPublisher } from "../../functions/adapters/sqs/event-publisher.ts";
import { systemClock } from "../../functions/core/domain/clock.ts";
import { liveGeneration } from "../../functions/core/domain/fence.ts";
import { envelopeEvent } from "../../functions/core/use-cases/envelope-event.ts";
import { type Progress, seconds } from "../progress.ts";
import { type DemoDay, demoDay } from "./demo-day.ts";
import { section } from "./section.ts";
import { showErasure } from "./show-erasure.ts";
import { showExport } from "./show-export.ts";
import { countStores, countWaiting, type StageCounts, type StageStores } from "./stage-counts.ts";

/** The demonstration gives up on a pipeline that does not move for this long, ms. */
const PATIENCE_MS = 120_000;
const CONTEXT_LIMIT = 6;

/**
 * Sends a day of conversations through the deployed pipeline, waits until it is through, and shows what the
 * stores hold then.
 */
export async function runDemo(progress: Progress, signal: AbortSignal): Promise<void> {
  await withStage("local", async (session) => {
    const redis = new Redis(session.outputs.redisUrl, { lazyConnect: true });
    try {
      await demonstrate(session, redis, progress, signal);
    } finally {
      redis.disconnect();
    }
  });
}

async function demonstrate(
  session: StageSession,
  redis: Redis,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const { outputs } = session;
  const stores: StageStores = {
    dynamo: session.dynamo(),
    sqs: session.sqs(),
    redis,
    search: session.search(),
    tables: outputs.tables,
    queueUrls: [outputs.queueUrl, outputs.refreshCacheQueueUrl, outputs.repairIndexQueueUrl],
  };
  const keys = await session.keys();
  const demo = demoDay(new Date());
  const tags = demo.users.map((user) => keys.tag(user));
  const before = await countStores(stores, demo.day, []);

  const publisher = createEventPublisher({ client: stores.sqs, queueUrl: outputs.queueUrl });
  const sending = Date.now();
  await progress.step(`sending ${demo.bodies.length} events of ${demo.day}`, () =>
    publisher.publish(demo.bodies.map((body) => envelopeEvent(body, new Date(), keys).envelope)),
  );
  const working = Date.now();
  await progress.step("through the workflow", (detail) => drained(stores, detail, signal));
  const done = Date.now();
  const after = await countStores(stores, demo.day, tags);

  progress.say(summary(demo, before, after, { sending: working - sending, working: done - working }));
  progress.say(await lookUps(session, stores, demo));
  progress.say(await showExport(session, demo.day, progress));
  progress.say(await showErasure(session, demo.leaver, progress));
}

/** Waits until the queues are empty. @throws Error when nothing moves for two minutes */
async function drained(
  stores: StageStores,
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let least = Number.POSITIVE_INFINITY;
  let moved = Date.now();
  let quiet = 0;
  // The last outcomes put repairs into the queues: they are through when all are empty twice in a row.
  while (quiet < 2) {
    await sleep(250, undefined, { signal });
    const waiting = await countWaiting(stores);
    quiet = waiting === 0 ? quiet + 1 : 0;
    if (waiting < least) {
      least = waiting;
      moved = Date.now();
    }
    detail(`${waiting} waiting`);
    if (Date.now() - moved > PATIENCE_MS) {
      throw new Error(`${waiting} events still wait after two minutes: look at npx hilo doctor`);
    }
  }
}

function summary(
  demo: DemoDay,
  before: { rows: number; quarantined: number },
  after: StageCounts,
  time: { sending: number; working: number },
): string {
  const added = after.rows - before.rows;
  const rows: [string, string | number][] = [
    ["messages in", `${demo.bodies.length} (${demo.changed} of them an edit and a deletion)`],
    ["rows", `${after.rows} of ${demo.day}, ${added} new`],
    [
      "cached users",
      `${after.cachedUsers} of ${demo.users.length}; an edit or a deletion drops a context until it is read`,
    ],
    ["documents", after.documents],
    [
      "sentiment",
      Object.entries(after.sentiments)
        .map(([name, count]) => `${name} ${count}`)
        .join(", "),
    ],
    ["duplicates ignored", demo.messages + demo.repeated - added],
    ["quarantined", `${after.quarantined - before.quarantined} new, with their reason`],
    ["time", `sending ${seconds(time.sending)}, workflow ${seconds(time.working)}`],
  ];
  return ["", ...rows.map(([name, value]) => `  ${name.padEnd(20)}${value}`)].join("\n");
}

/** Three questions that a bot, an agent and an analyst would ask. */
async function lookUps(session: StageSession, stores: StageStores, demo: DemoDay): Promise<string> {
  const user = demo.users[0] ?? "";
  // The first reading fills the cache where the person's context was not there yet.
  await readRecentContext(session, user, CONTEXT_LIMIT);
  const context = await readRecentContext(session, user, CONTEXT_LIMIT);
  const text = "devolución roto";
  const found = await createMessageSearch(stores.search).search({ text, limit: 3 });
  const profile = await readProfile(session, stores, user);
  return [
    "",
    section(`npx hilo context ${user} --limit ${CONTEXT_LIMIT}`, formatContext(context)),
    section(
      `npx hilo search "${text}" --limit 3`,
      [...found.hits.map(formatHit), `${found.total} found`].join("\n"),
    ),
    section(
      "npx hilo quarantine list --limit 3",
      (await readEntries(session, {}, demo.unusable)).map(formatEntry).join("\n"),
    ),
    section(`the profile of ${user}`, JSON.stringify(profile, null, 2)),
  ].join("\n");
}

async function readProfile(session: StageSession, { dynamo }: StageStores, user: string): Promise<unknown> {
  const { outputs } = session;
  const tag = (await session.keys()).tag(user);
  const ledger = createErasureLedger({ client: dynamo, table: outputs.tables["erasure-ledger"] ?? "" });
  const profiles = createProfileReader({
    client: dynamo,
    table: outputs.tables["user-profiles"] ?? "",
    clock: systemClock,
  });
  return profiles.get(user, liveGeneration((await ledger.fences([tag])).get(tag)));
}
