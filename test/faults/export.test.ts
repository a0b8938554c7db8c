import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { dayBefore } from "../../functions/core/domain/day.ts";
import { Lake } from "../support/lake.ts";
import { ago, anEvent, somebody } from "../support/pipeline.ts";
import { FaultStage } from "./support/fault-stage.ts";

const day = dayBefore(new Date(), 45);
const ana = somebody();
/** Calls one test may need until one comes through; a killed worker's is lost. */
const MAX_CALLS = 4;

let stage: FaultStage;
let lake: Lake;
let messages = 0;
beforeAll(async () => {
  stage = await FaultStage.open();
  lake = new Lake(stage.pipeline);
});
afterEach(() => stage.links.heal());
afterAll(() => stage.close());

/** One more message of the day, so that its object must be written again. */
async function say(): Promise<void> {
  messages += 1;
  const timestamp = `${day}T10:00:00.${String(messages).padStart(3, "0")}Z`;
  await stage.pipeline.storeOnly([anEvent(ana, `m${messages}`, { timestamp, first_received_at: ago(600) })]);
}

/** Calls `export-day` as the state machine does: again after it failed. @returns how many calls failed */
async function exportDay(): Promise<number> {
  const { lambda, outputs } = stage.pipeline.stage;
  for (let failures = 0; failures < MAX_CALLS; failures++) {
    const command = new InvokeCommand({
      FunctionName: outputs.functions["export-day"],
      Payload: JSON.stringify({ day, object: 0, objects: 1, source: "index" }),
    });
    const { FunctionError: failed } = await lambda.send(command);
    if (failed === undefined) return failures;
  }
  throw new Error(`no call of ${MAX_CALLS} came through`);
}

/**
 * The file has every message once, and no upload is recorded that could still land. What was begun and not recorded stays
 * until the bucket's lifecycle takes it: nobody is left who could complete it.
 */
async function expectWhole(label: string): Promise<void> {
  const rows = await lake.rowsOf(day);
  expect(rows, label).toEqual(await lake.expectedRows(day, [ana]));
  expect(rows, label).toHaveLength(messages);
  const recorded = (await lake.days.read(day)).items.get("object-0");
  expect(recorded?.upload, label).toBeUndefined();
  expect(recorded?.manifest?.versionId, label).toBe((await lake.objects.head(lake.keyOf(day)))?.versionId);
}

/** What an export sends, in order; `nth` of its name. */
const STEPS: [step: string, command: RegExp, nth: number][] = [
  ["begins the upload", /^POST .*conversations\.parquet$/, 1],
  ["sends a part", /^PUT .*conversations\.parquet$/, 1],
  ["records the upload and checks the fence", /^TransactWriteItems$/, 1],
  ["completes the upload", /^POST .*conversations\.parquet$/, 2],
  ["records what it wrote", /^(TransactWriteItems|UpdateItem)$/, 3],
];

describe("an export", () => {
  it.each(STEPS)(
    "killed (SIGKILL) before or after it %s, ends right when it is called again",
    async (step, command, nth) => {
      for (const moment of ["before", "after"] as const) {
        await say();
        let left = nth;
        stage.links.to("aws", "export-day").rule((name) => {
          if (!command.test(name) || --left !== 0) return undefined;
          return { kind: "crash", moment, act: () => void stage.killWorkers("export-day") };
        });
        const failures = await exportDay();
        expect([left <= 0, failures], `${moment}: ${step}`).toEqual([true, 1]);
        await stage.links.heal();
        await expectWhole(`${moment}: ${step}`);
      }
    },
  );

  it.each(STEPS)("whose answer is lost when it %s ends right", async (step, command, nth) => {
    await say();
    let left = nth;
    stage.links.to("aws", "export-day").rule((name) => {
      if (!command.test(name) || --left !== 0) return undefined;
      return { kind: "cut", bytes: 0 };
    });
    await exportDay();
    expect(left, step).toBeLessThanOrEqual(0);
    await expectWhole(step);
  });

  it("that no store lets through fails, leaves the object as it was, and ends right afterwards", async () => {
    const before = await lake.objects.head(lake.keyOf(day));
    await say();
    await stage.links.to("aws", "export-day").refuse();
    await expect(exportDay()).rejects.toThrow("no call");
    expect(await lake.objects.head(lake.keyOf(day))).toEqual(before);
    await stage.links.heal();
    expect(await exportDay()).toBe(0);
    await expectWhole("after the outage");
  });
});
