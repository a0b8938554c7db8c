import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { GetQueueAttributesCommand, ListQueuesCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { expect, inject } from "vitest";
import { endpointsOf, type LocalConfig } from "../../../local/config.ts";
import { queueDepth } from "../../../local/demo/stage-counts.ts";
import { createEngines } from "../../../local/engines/registry.ts";
import { findStageProcesses, waitForExit } from "../../../local/processes.ts";
import { Pipeline } from "../../support/pipeline.ts";
import { instanceConfig } from "../../support/test-instance.ts";
import { readHoldings } from "./holdings.ts";
import { lostOrDoubled, notConverged } from "./invariants.ts";
import { Link, Links } from "./link.ts";
import { expectedOf } from "./oracle.ts";
import { httpWire, redisWire } from "./wire.ts";
import type { Delivery } from "./workload.ts";

/** Milliseconds after which what has not settled counts as stuck. */
const SETTLE_LIMIT = 60_000;
/** Seconds between two tries of a cache repair, and of a search repair whose consumer was killed. */
const REPAIR_SECONDS = 1;

/** The deployed pipeline with a hand on every way between a function and a store. */
export class FaultStage {
  readonly pipeline: Pipeline;
  readonly links: Links;
  readonly #config: LocalConfig;
  readonly #queues: readonly string[];
  /** Visibility time-outs as they were deployed, of queues whose were changed. */
  readonly #deployed = new Map<string, string>();

  private constructor(pipeline: Pipeline, links: Links, config: LocalConfig, queues: readonly string[]) {
    this.pipeline = pipeline;
    this.links = links;
    this.#config = config;
    this.#queues = queues;
  }

  /** Connects to the instance that the project's global setup brought up, and opens the links. */
  static async open(): Promise<FaultStage> {
    const config = instanceConfig(inject("faultsInstance"));
    process.env["HILO_STATUS_JSON"] = JSON.stringify({ endpoints: endpointsOf(config.ports) });
    const links = new Links(
      inject("faultsLinks").map(
        (place) => new Link({ ...place, wire: place.store === "redis" ? redisWire : httpWire }),
      ),
    );
    await links.heal();
    const pipeline = await Pipeline.open();
    const { QueueUrls: queues = [] } = await pipeline.stage.sqs.send(new ListQueuesCommand({}));
    const stage = new FaultStage(pipeline, links, config, queues);
    await stage.redeliverAfter(REPAIR_SECONDS, "refresh-cache", "repair-index");
    return stage;
  }

  async close(): Promise<void> {
    // The files after this one share the queues.
    for (const [url, seconds] of this.#deployed) await this.#setVisibility(url, seconds);
    await this.links.refuse();
    await this.pipeline.close();
  }

  /** Publishes in order, as every producer does, but in a way that the queue itself drops no repetition. */
  async publish(deliveries: readonly Delivery[]): Promise<void> {
    await this.pipeline.publish(
      deliveries.map(({ body }) => body),
      randomUUID,
    );
  }

  /** Waits until every queue is empty, dead letters too. @throws Error naming the queues that are not */
  async settle(limit = SETTLE_LIMIT): Promise<void> {
    const end = Date.now() + limit;
    for (let quiet = 0; quiet < 2; ) {
      await sleep(100);
      const waiting = await this.#waiting();
      quiet = waiting.length === 0 ? quiet + 1 : 0;
      if (Date.now() > end) throw new Error(`not settled after ${limit / 1000} s: ${waiting.join(", ")}`);
    }
    await this.pipeline.stage.openSearch.indices.refresh({ index: "conversations" });
  }

  /** Messages in the entry queue, those being worked on included. */
  async backlog(): Promise<number> {
    return this.#depth(this.pipeline.stage.outputs.queueUrl);
  }

  /** Settles and expects every invariant of every person who sent something. */
  async expectConverged(deliveries: readonly Delivery[], label: string, limit = SETTLE_LIMIT): Promise<void> {
    await this.settle(limit);
    expect(await this.#wrong(deliveries, notConverged, true), label).toEqual([]);
  }

  /** Waits until the entry queue is empty and expects all of it in the durable store, whatever the others hold. */
  async expectDurable(deliveries: readonly Delivery[], label: string, limit = SETTLE_LIMIT): Promise<void> {
    await expect.poll(() => this.backlog(), { timeout: limit, interval: 100 }).toBe(0);
    expect(await this.#wrong(deliveries, lostOrDoubled, false), label).toEqual([]);
  }

  /**
   * Has what a consumer did not finish come again after so many seconds. Deployed queues wait six times their
   * consumer's time limit, up to seven minutes, which no test can; nothing else differs.
   */
  async redeliverAfter(seconds: number, ...names: readonly string[]): Promise<void> {
    const urls = this.#queues.filter((url) => names.some((name) => url.includes(`-${name}`)));
    for (const url of urls) {
      if (!this.#deployed.has(url)) this.#deployed.set(url, await this.#visibilityOf(url));
      await this.#setVisibility(url, String(seconds));
    }
  }

  async #visibilityOf(QueueUrl: string): Promise<string> {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["VisibilityTimeout"] });
    const { Attributes: { VisibilityTimeout: seconds } = {} } = await this.pipeline.stage.sqs.send(command);
    if (seconds === undefined) throw new Error(`${QueueUrl} has no visibility time-out`);
    return seconds;
  }

  async #setVisibility(QueueUrl: string, seconds: string): Promise<void> {
    const Attributes = { VisibilityTimeout: seconds };
    await this.pipeline.stage.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  }

  /** Kills whatever runs a function, as a crash of its sandbox would. Returns how many there were. */
  killWorkers(functionName: string): number {
    const workers = findStageProcesses(this.#config.folder).filter(({ command }) =>
      command.includes(`ministack-lambda-hilo-local-${functionName}-`),
    );
    for (const { pid } of workers) process.kill(pid, "SIGKILL");
    return workers.length;
  }

  /** Kills an engine (SIGKILL) with all it runs, and starts it again after `downMs`. */
  async restart(name: "ministack" | "valkey" | "opensearch", downMs = 0): Promise<void> {
    const engine = createEngines(this.#config).find((one) => one.name === name);
    if (!engine) throw new Error(`no engine ${name}`);
    const running = findStageProcesses(this.#config.folder).filter(({ command }) =>
      PROGRAMS[name].test(command),
    );
    for (const { pid } of running) process.kill(pid, "SIGKILL");
    await Promise.all(running.map(({ pid }) => waitForExit(pid, 5_000)));
    await sleep(downMs);
    engine.start();
    while (!(await engine.ready())) await sleep(50);
  }

  async #wrong(
    deliveries: readonly Delivery[],
    violations: typeof notConverged,
    withContexts: boolean,
  ): Promise<string[]> {
    const wrong: string[] = [];
    for (const [userId, own] of Map.groupBy(deliveries, (delivery) => delivery.userId)) {
      const expected = expectedOf(own);
      const sessions = [...expected.counted.keys()];
      const held = await readHoldings(this.pipeline, userId, sessions, withContexts);
      wrong.push(...violations(held, expected).map((text) => `${userId.slice(-2)} ${text}`));
    }
    return wrong;
  }

  async #waiting(): Promise<string[]> {
    const depths = await Promise.all(
      this.#queues.map(async (url) => [url.slice(url.lastIndexOf("/") + 1), await this.#depth(url)] as const),
    );
    return depths.flatMap(([name, depth]) => (depth > 0 ? [`${name} ${depth}`] : []));
  }

  #depth(queueUrl: string): Promise<number> {
    return queueDepth(this.pipeline.stage.sqs, queueUrl);
  }
}

/** The functions' workers go with the emulator that runs them. */
const PROGRAMS = {
  ministack: /\/launcher\.py |\/ministack-lambda-/,
  valkey: /valkey-server /,
  opensearch: /-Dhilo\.stage=/,
};
