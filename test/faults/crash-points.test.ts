import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Clock } from "../../functions/core/domain/clock.ts";
import type { QueueRecord } from "../../functions/core/ports/event-queue.ts";
import { seededRandom } from "../support/random.ts";
import type { FaultAt } from "./support/fault-point.ts";
import { FaultStage } from "./support/fault-stage.ts";
import { readHoldings } from "./support/holdings.ts";
import { PipelineLab } from "./support/pipeline-lab.ts";
import { RUN_SEED } from "./support/seed.ts";

let stage: FaultStage;
let lab: PipelineLab;
beforeAll(async () => {
  stage = await FaultStage.open();
  lab = new PipelineLab(stage.pipeline);
});
afterAll(async () => {
  lab.close();
  await stage.close();
});

/** Runs under way at the same time; each has its own people. */
const AT_ONCE = 6;
const SESSION = "s-1";
/** The present, standing still, so that times to live are the same in every run. */
const NOW = new Date();
const clock: Clock = () => NOW;
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1_000).toISOString();

/** Two people nobody else writes as. */
interface Cast {
  readonly ana: string;
  readonly luis: string;
}
const newCast = (): Cast => ({ ana: `web:ana-${randomUUID()}`, luis: `web:luis-${randomUUID()}` });

/** One batch with a message, its duplicate at another platform time, an edit, a deletion, a conflict and poison. */
function batchOf({ ana, luis }: Cast): QueueRecord[] {
  const event = (user_id: string, message_id: string, seconds: number, fields: object = {}) =>
    JSON.stringify({
      user_id,
      message_id,
      session_id: SESSION,
      timestamp: ago(seconds),
      role: "user",
      content: `Texto de ${message_id}`,
      ...fields,
    });
  const bodies = [
    event(ana, "m1", 60),
    event(luis, "m1", 59),
    event(ana, "m2", 58),
    event(ana, "m1", 57),
    event(ana, "m1", 56, { kind: "edit", content: "Corregido" }),
    event(luis, "bad", 55, { content: ["nada"] }),
    event(ana, "m2", 54, { kind: "delete", content: undefined }),
    event(luis, "m1", 53, { content: "Otro texto" }),
    event(ana, "m3", 52),
    event(luis, "m2", 51, { role: "assistant" }),
  ];
  return bodies.map((body, index) => ({
    id: `record-${index}`,
    body,
    sentAt: new Date(NOW.getTime() - 10_000 + index),
    receiveCount: 1,
    receiptHandle: "",
  }));
}

/** Everything the stores hold of a cast, as text in which the people have the same names in every run. */
async function bytesOf(cast: Cast): Promise<string> {
  const held = [];
  for (const userId of [cast.ana, cast.luis]) {
    const { contexts, headers, documents, ...stores } = await readHoldings(
      stage.pipeline,
      userId,
      [SESSION],
      true,
    );
    held.push({
      ...stores,
      headers: [...headers],
      documents: documents.toSorted((a, b) => String(a["message_id"]).localeCompare(String(b["message_id"]))),
      // Whether a reading is a hit may differ: a context in doubt is dropped. What it says may not.
      contexts: contexts.map(({ messages }) => messages),
    });
  }
  const text = JSON.stringify(
    held,
    (key, value: unknown) => (key.endsWith("shard") ? withoutShard(value) : sorted(value)),
    1,
  );
  return Object.entries(cast).reduce(
    (result, [name, id]) =>
      result.replaceAll(id, name).replaceAll(stage.pipeline.keys.tag(id), `tag of ${name}`),
    text,
  );
}

/** Which shard it is follows from the person's id. */
const withoutShard = (value: unknown): string =>
  typeof value === "string" ? (value.split("#")[0] ?? "") : "";

/** Stores return attributes in any order. */
function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Runs the batch once for each list of faults and compares all that is stored with an undisturbed run. */
async function expectSameBytes(schedules: readonly (readonly FaultAt[])[], seed: string): Promise<void> {
  const casts = schedules.map(newCast);
  const open = [...schedules.entries()];
  const worker = async (): Promise<void> => {
    for (let next = open.shift(); next; next = open.shift()) {
      const [index, faults] = next;
      await lab.run(batchOf(casts[index] ?? newCast()), clock, faults);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const undisturbed = newCast();
  await lab.run(batchOf(undisturbed), clock, []);
  await stage.pipeline.stage.openSearch.indices.refresh({ index: "conversations" });
  const expected = await bytesOf(undisturbed);
  // All three rows of Ana and both of Luis are there: an empty comparison would prove nothing.
  expect(expected.match(/"body_hash"/g)?.length).toBe(5);
  for (const [index, faults] of schedules.entries()) {
    const cast = casts[index];
    if (cast) expect(await bytesOf(cast), `${seed} ${JSON.stringify(faults)}`).toBe(expected);
  }
}

describe("a fault at any one call of a port", () => {
  let calls = 0;
  beforeAll(async () => {
    calls = await lab.run(batchOf(newCast()), clock, []);
  });
  const eachCall = (kind: FaultAt["kind"], moment: FaultAt["moment"]): FaultAt[][] =>
    Array.from({ length: calls }, (_, index) => [{ call: index + 1, kind, moment }]);

  it.each([
    ["crash", "before"],
    ["crash", "after"],
    ["error", "before"],
    ["error", "after"],
  ] as const)("(%s %s it) ends in the same bytes as a run without", async (kind, moment) => {
    expect(calls).toBeGreaterThan(15);
    await expectSameBytes(eachCall(kind, moment), "");
  });

  it("and at any later one, drawn, ends in the same bytes as a run without", async () => {
    const random = seededRandom(RUN_SEED);
    const schedules = Array.from({ length: 24 }, () => {
      // One error at most: after a second one an execution ends without the analysis, as it may.
      const failing = Math.floor(random() * 4);
      let from = 1;
      return [0, 1, 2].map((nth): FaultAt => {
        const call = from + Math.floor(random() * calls);
        from = call + 1;
        return {
          call,
          kind: nth === failing ? "error" : "crash",
          moment: random() < 0.5 ? "before" : "after",
        };
      });
    });
    await expectSameBytes(schedules, `seed ${RUN_SEED}`);
  });
});
