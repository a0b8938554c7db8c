import { describe, expect, it } from "vitest";
import { erasureInputSchema } from "../../../functions/core/contracts/user-erasure.ts";
import { StoresFailedError } from "../../../functions/core/domain/erasure-errors.ts";
import { PermanentError, TransientError } from "../../../functions/core/domain/errors.ts";
import { createApproveErasureHandler } from "../../../functions/handlers/approve-erasure/handler.ts";
import { createFencePeopleHandler } from "../../../functions/handlers/fence-people/handler.ts";
import { createFinishErasureHandler } from "../../../functions/handlers/finish-erasure/handler.ts";
import { createFinishPlanHandler } from "../../../functions/handlers/finish-plan/handler.ts";
import { createPlanErasureHandler } from "../../../functions/handlers/plan-erasure/handler.ts";
import { createRecheckErasuresHandler } from "../../../functions/handlers/recheck-erasures/handler.ts";
import { createRequestErasureHandler } from "../../../functions/handlers/request-erasure/handler.ts";
import { createEraserHandler } from "../../../functions/runtime/eraser-handler.ts";
import { keepPrivate } from "../../../functions/runtime/private-failure.ts";
import { Scene } from "../erasure/requests/scene.ts";

const USER = "whatsapp:+34600111222";
const ID = "er-20261121T120000-0123456789ab";
const ERASERS = ["cache", "tables", "search", "objects"] as const;

/** A log that keeps its lines, and counters that keep what was counted. */
function watch() {
  const lines: string[] = [];
  const counted: Record<string, number> = {};
  const keep = (name: string, n: number): void => {
    counted[name] = (counted[name] ?? 0) + n;
  };
  const log = {
    info: (event: string, fields: object = {}) => void lines.push(JSON.stringify({ event, ...fields })),
    error: (event: string, error: unknown, fields: object = {}) =>
      void lines.push(JSON.stringify({ event, name: (error as Error).name, ...fields })),
  };
  return { lines, counted, log, counters: { count: keep, setGauge: keep, publish: () => {} } };
}

const context = (left = 600_000) => ({ getRemainingTimeInMillis: () => left });
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error("nothing was thrown"),
    (error: Error) => error,
  );

describe("the functions of an erasure, one after the other", () => {
  it("erase a person; their logs and answers name requests, stores and counts, and nobody", async () => {
    const scene = new Scene();
    scene.fill(USER);
    const { lines, counted, log, counters } = watch();
    const deps = { ...scene.deps(), log, counters, software: "hilo test", report: () => {} };
    const answers: unknown[] = [];
    const said = async <T>(work: Promise<T>): Promise<T> => {
      const answer = await work;
      answers.push(answer);
      return answer;
    };
    const erase = createEraserHandler(deps);
    const step = (operation: string) =>
      Promise.all(ERASERS.map((eraser) => said(erase({ request_id, eraser, operation }, context()))));

    const asked = { user_ids: [USER], actor: "somebody" };
    const { request_id } = await said(createRequestErasureHandler(deps)(asked));
    await said(createPlanErasureHandler(deps)({ request_id }));
    await step("plan");
    await said(createFinishPlanHandler(deps)({ request_id }));
    const { plan_hash } = (await scene.requests.read(request_id)) ?? {};
    await said(createApproveErasureHandler(deps)({ request_id, plan_hash, actor: "somebody else" }));
    const { drainSeconds } = await said(createFencePeopleHandler(deps)({ request_id }));
    scene.now += drainSeconds * 1000;
    for (const operation of ["count", "erase", "verify"]) await step(operation);
    const branches = ERASERS.map((eraser) => ({ eraser }));
    const finished = await said(createFinishErasureHandler(deps)({ request_id, branches }));

    expect(finished).toMatchObject({ status: "completed", completed: 1, held: 0 });
    expect(scene.left([USER])).toBe(0);
    expect(counted).toEqual({ CompletedErasures: 1 });
    expect(lines.length).toBeGreaterThan(20);
    for (const text of [...lines, ...answers.map((answer) => JSON.stringify(answer))]) {
      expect(text).not.toContain("34600111222");
      expect(Buffer.byteLength(text)).toBeLessThan(1_000);
    }
    for (const line of lines) expect(line).toContain(request_id);
  });
});

describe("finish-erasure", () => {
  it("counts a failed request, and passes on the error that the machine fails with", async () => {
    const scene = new Scene();
    scene.fill(USER);
    const request_id = await scene.approved(USER);
    const { counted, log, counters } = watch();
    const deps = { ...scene.deps(), log, counters, software: "hilo test" };
    const { drainSeconds } = await createFencePeopleHandler(deps)({ request_id });
    scene.now += drainSeconds * 1000;
    const branches = ERASERS.map((eraser) => ({ eraser, error: "TransientError" }));
    const error = await failure(createFinishErasureHandler(deps)({ request_id, branches }));
    expect(error).toBeInstanceOf(StoresFailedError);
    expect(counted).toEqual({ FailedErasures: 1 });
  });
});

describe("recheck-erasures", () => {
  it("says how old the oldest open request is, and starts what stopped", async () => {
    const scene = new Scene();
    const request_id = await scene.approved(USER);
    scene.now += 24 * 86_400_000;
    const { counted, lines, log, counters } = watch();
    const checked = await createRecheckErasuresHandler({ ...scene.deps(), log, counters })();
    expect(checked).toMatchObject({ resumed: 1, oldestOpenDays: 24 });
    expect(counted).toEqual({ OldestOpenErasureDays: 24, OldestWaitingErasureDays: 0, UncheckedErasures: 0 });
    expect(scene.started).toEqual([`${request_id}-1`]);
    expect(lines).toHaveLength(1);
  });
});

describe("an eraser", () => {
  it("stops in time, and says from whom it goes on", async () => {
    const scene = new Scene();
    scene.peoplePerCall = 1;
    const users = ["a", "b", "c"].map((name) => `web:${name}`);
    scene.fill(...users);
    const { log } = watch();
    const { request_id } = await scene.plan({ userIds: users });
    const { plan_hash } = (await scene.requests.read(request_id)) ?? {};
    await scene.approve({ request_id, ...(plan_hash !== undefined && { plan_hash }) });
    const deps = { ...scene.deps(), log };
    const { drainSeconds } = await createFencePeopleHandler(deps)({ request_id });
    scene.now += drainSeconds * 1000;
    const erase = createEraserHandler(deps);
    const input = { request_id, eraser: "cache", operation: "count" };
    expect(await erase(input, context(10_000))).toMatchObject({ done: false, next: 2 });
    expect(await erase({ ...input, from: 2 }, context())).toMatchObject({ done: true });
  });

  it.each([
    ["no request", { eraser: "cache", operation: "erase" }],
    ["a person's id in place of a request's", { request_id: USER, eraser: "cache", operation: "erase" }],
    ["another operation", { request_id: ID, eraser: "cache", operation: "export" }],
    ["something else beside it", { request_id: ID, eraser: "cache", operation: "erase", user_id: USER }],
  ])("refuses %s, quoting nothing", async (_, input) => {
    const scene = new Scene();
    const { log } = watch();
    const error = await failure(createEraserHandler({ ...scene.deps(), log })(input, context()));
    expect(error.name).toBe("InvalidMessageError");
    expect(error.message).not.toContain("34600111222");
  });
});

describe("errors of an erasure", () => {
  const thrown = async (error: unknown) => {
    const { log, lines } = watch();
    const work = keepPrivate(log, "failed", { request_id: ID }, () => Promise.reject(error));
    return { error: await failure(work), lines };
  };

  it.each([new TransientError("busy"), new PermanentError("denied"), new StoresFailedError("cache")])(
    "of Hilo go on as they are: %s",
    async (own) => expect((await thrown(own)).error).toBe(own),
  );

  it("of others go on without what they quote", async () => {
    const foreign = Object.assign(new Error(`bad item ${USER}`), { name: "ValidationException" });
    const { error, lines } = await thrown(foreign);
    expect(error).toBeInstanceOf(PermanentError);
    expect(error.message).toContain("ValidationException");
    expect(error.message + lines.join("")).not.toContain("34600111222");
  });
});

it("executions take a request's id, whether to look again, and nothing else", () => {
  expect(erasureInputSchema.safeParse({ request_id: ID, recheck: true }).success).toBe(true);
  expect(erasureInputSchema.safeParse({ request_id: ID, user_id: USER }).success).toBe(false);
  expect(erasureInputSchema.safeParse({ request_id: `${ID} ` }).success).toBe(false);
});
