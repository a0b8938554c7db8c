import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { createErasureRequests } from "../../../functions/adapters/dynamodb/erasure-requests.ts";
import { systemClock } from "../../../functions/core/domain/clock.ts";
import { ERASERS, type Eraser } from "../../../functions/core/domain/personal-stores.ts";
import type {
  ErasureRequest,
  ErasureRequests,
  PersonState,
} from "../../../functions/core/ports/erasure-requests.ts";
import type { FaultStage } from "./fault-stage.ts";

/** How one call of a function ended. */
export type Called =
  | { readonly output: Record<string, unknown>; readonly error?: undefined }
  /** Name and message, as an execution's history keeps them. */
  | { readonly error: string };

export type Operation = "count" | "erase" | "verify";

const ACTOR = "arn:aws:iam::000000000000:user/faults";

/** One request for erasure, whose functions are called one by one as the state machine does. */
export class ErasureRun {
  readonly requestId: string;
  readonly #stage: FaultStage;
  readonly #requests: ErasureRequests;

  private constructor(stage: FaultStage, requestId: string) {
    this.#stage = stage;
    this.requestId = requestId;
    const { documents: client, outputs } = stage.pipeline.stage;
    const table = (name: string): string => outputs.tables[name] ?? name;
    const tables = { ledger: table("erasure-ledger"), subjects: table("erasure-subjects") };
    this.#requests = createErasureRequests({ client, tables, clock: systemClock });
  }

  /** Plans the erasure of people and approves it. */
  static async approved(stage: FaultStage, ...userIds: string[]): Promise<ErasureRun> {
    const wanted = { user_ids: userIds, actor: ACTOR };
    const { request_id } = outputOf(await invoke(stage, "request-erasure", wanted));
    const run = new ErasureRun(stage, String(request_id));
    outputOf(await run.call("plan-erasure"));
    const plan = async (eraser: Eraser) =>
      outputOf(await run.call(`erase-${eraser}`, { eraser, operation: "plan", from: 1 }));
    await Promise.all(ERASERS.map(plan));
    outputOf(await run.call("finish-plan"));
    const { plan_hash } = await run.read();
    outputOf(await run.call("approve-erasure", { plan_hash, actor: ACTOR }));
    return run;
  }

  /** Calls a function once. */
  call(name: string, input: Readonly<Record<string, unknown>> = {}): Promise<Called> {
    return invoke(this.#stage, name, { request_id: this.requestId, ...input });
  }

  /** One step of an eraser for everybody, once. */
  step(eraser: Eraser, operation: Operation): Promise<Called> {
    return this.call(`erase-${eraser}`, { eraser, operation, from: 1 });
  }

  /** Fences and waits until no writer of before is left. */
  async fence(): Promise<void> {
    const { drainSeconds } = outputOf(await this.call("fence-people"));
    await sleep(Number(drainSeconds) * 1000);
  }

  /** A pass over all stores that nothing disturbs. */
  async pass(): Promise<void> {
    for (const operation of ["count", "erase", "verify"] as const)
      await Promise.all(ERASERS.map(async (eraser) => outputOf(await this.step(eraser, operation))));
  }

  /** Ends the execution. @param errors what erasers' branches ended with, where they failed */
  finish(errors: Readonly<Partial<Record<Eraser, string>>> = {}): Promise<Called> {
    const branches = ERASERS.map((eraser) => {
      const error = errors[eraser];
      return { eraser, ...(error !== undefined && { error }) };
    });
    return this.call("finish-erasure", { recheck: false, branches });
  }

  async read(): Promise<ErasureRequest> {
    const request = await this.#requests.read(this.requestId);
    if (request === undefined) throw new Error(`no request ${this.requestId}`);
    return request;
  }

  /** The only person's state. */
  async person(): Promise<PersonState> {
    const [person, ...more] = await this.#requests.people(this.requestId);
    if (person === undefined || more.length > 0) throw new Error(`not one person in ${this.requestId}`);
    return person;
  }
}

/** @throws Error where the call failed */
export function outputOf(called: Called): Record<string, unknown> {
  if (called.error !== undefined) throw new Error(called.error);
  return called.output;
}

/** Calls a deployed function once. */
export async function invoke(stage: FaultStage, name: string, input: unknown): Promise<Called> {
  const { lambda, outputs } = stage.pipeline.stage;
  const command = new InvokeCommand({
    FunctionName: outputs.functions[name],
    Payload: JSON.stringify(input),
  });
  const { FunctionError: failed, Payload: payload } = await lambda.send(command);
  const text = payload?.transformToString() || "null";
  if (failed !== undefined) return { error: text };
  return { output: JSON.parse(text) as Record<string, unknown> };
}
