import { createDayMarks } from "../../../functions/adapters/dynamodb/day-marks.ts";
import { createErasureLedger } from "../../../functions/adapters/dynamodb/erasure-ledger.ts";
import { createMessageReader } from "../../../functions/adapters/dynamodb/message-reader.ts";
import { createMessageStore } from "../../../functions/adapters/dynamodb/message-store.ts";
import { createObjectIndex } from "../../../functions/adapters/dynamodb/object-index.ts";
import { createQuarantine } from "../../../functions/adapters/dynamodb/quarantine.ts";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { createRedisClient } from "../../../functions/adapters/redis/client.ts";
import { createContextCache } from "../../../functions/adapters/redis/context-cache.ts";
import { createObjectStore } from "../../../functions/adapters/s3/object-store.ts";
import type { PipelineInput, PipelineOutcomes } from "../../../functions/core/contracts/pipeline.ts";
import type { Clock } from "../../../functions/core/domain/clock.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import type { QueueRecord } from "../../../functions/core/ports/event-queue.ts";
import type { MessageAnalyzer } from "../../../functions/core/ports/message-analyzer.ts";
import type { CacheRepair, IndexRepair, RepairQueue } from "../../../functions/core/ports/repair-queue.ts";
import { analyzeStored } from "../../../functions/core/use-cases/analyze-stored.ts";
import { indexStored } from "../../../functions/core/use-cases/index-stored.ts";
import { refreshCache } from "../../../functions/core/use-cases/refresh-cache.ts";
import { repairIndex } from "../../../functions/core/use-cases/repair-index.ts";
import { routeBatch } from "../../../functions/core/use-cases/route-batch.ts";
import type { RouteBatchDeps } from "../../../functions/core/use-cases/routing.ts";
import { storeInCache } from "../../../functions/core/use-cases/store-in-cache.ts";
import { messageTables } from "../../support/message-tables.ts";
import type { Pipeline } from "../../support/pipeline.ts";
import { Crash, type FaultAt, FaultPoint } from "./fault-point.ts";

/** Lives of the process, after which what is left counts as stuck. */
const MOST_LIVES = 12;

/** Finds the same in every text, so that runs can be compared byte for byte. */
const analyzer: MessageAnalyzer = {
  analyze: async (requests) =>
    requests.map(() => ({
      metadata: { sentiment: "neutral", sentiment_score: 0, intent: "otro", language: "es" },
    })),
};

/**
 * The pipeline's use-cases in this process, on the real adapters and stores, with faults at exact calls of its ports.
 * The state machine has the deployed one's shape: each state twice, then cache, index and analytics may fail.
 */
export class PipelineLab {
  readonly #pipeline: Pipeline;
  readonly #redis: ReturnType<typeof createRedisClient>;

  constructor(pipeline: Pipeline) {
    this.#pipeline = pipeline;
    this.#redis = createRedisClient({ url: pipeline.stage.endpoints.redis });
  }

  close(): void {
    this.#redis.close();
  }

  /**
   * Delivers the records until none is left and nothing waits for repair.
   * @returns calls of ports that it took
   * @throws Error when something stays
   */
  async run(records: readonly QueueRecord[], clock: Clock, faults: readonly FaultAt[]): Promise<number> {
    const point = new FaultPoint(faults, () => new TransientError("injected"));
    const ports = wrapAll(portsOf(this.#pipeline, this.#redis, clock), point);
    const waiting = new WaitingRepairs();
    const deps: RouteBatchDeps = {
      ...ports,
      workflow: { run: (input) => runMachine(input, ports) },
      repairs: point.wrap<RepairQueue>(waiting),
      queue: { delay: async () => undefined },
      keys: this.#pipeline.keys,
      count: () => undefined,
      report: () => undefined,
      random: () => 0,
      shouldAnalyze: true,
      hasTimeForExecution: () => true,
    };
    let left = records;
    for (let life = 1; life <= MOST_LIVES; life++) {
      try {
        const delivered = left.map((record) => ({ ...record, receiveCount: life }));
        const failed = new Set(await point.live(() => routeBatch(delivered, deps)));
        left = left.filter(({ id }) => failed.has(id));
        await point.live(() => waiting.consume(ports));
        if (left.length === 0 && waiting.isEmpty) return point.calls;
      } catch (error) {
        if (!(error instanceof Crash || error instanceof TransientError)) throw error;
      }
    }
    throw new Error(`${left.length} records are left after ${MOST_LIVES} deliveries`);
  }
}

type Ports = ReturnType<typeof portsOf>;

function portsOf(pipeline: Pipeline, redis: ReturnType<typeof createRedisClient>, clock: Clock) {
  const { documents: client, s3, openSearch, outputs } = pipeline.stage;
  const table = (name: string): string => outputs.tables[name] ?? name;
  const tables = messageTables(table);
  const marks = createDayMarks({ client, table: table("lake-days"), clock });
  return {
    ledger: createErasureLedger({ client, table: tables.ledger }),
    store: createMessageStore({ client, tables, marks, clock }),
    reader: createMessageReader({ client, table: tables.contexts, clock }),
    cache: createContextCache({ redis, clock }),
    index: createMessageIndex(openSearch),
    analyzer,
    quarantine: createQuarantine({ client, table: table("quarantine"), ledgerTable: tables.ledger, clock }),
    objectIndex: createObjectIndex({ client, table: table("user-objects"), clock }),
    objectStore: createObjectStore({ client: s3, bucket: outputs.bucket }),
  };
}

const wrapAll = (ports: Ports, point: FaultPoint): Ports => ({
  ledger: point.wrap(ports.ledger),
  store: point.wrap(ports.store),
  reader: point.wrap(ports.reader),
  cache: point.wrap(ports.cache),
  index: point.wrap(ports.index),
  analyzer: point.wrap(ports.analyzer),
  quarantine: point.wrap(ports.quarantine),
  objectIndex: point.wrap(ports.objectIndex),
  objectStore: point.wrap(ports.objectStore),
});

/** The state machine: cache, index and analytics may fail, rows may not. */
async function runMachine(input: PipelineInput, ports: Ports): Promise<PipelineOutcomes> {
  const { messages } = input;
  const cache = await caught(() => storeInCache({ messages }, ports.cache));
  const rows = await twice(async () => ({ outcomes: await ports.store.store(messages) }));
  const stored = { messages, stored: rows.outcomes };
  const index = await caught(() => indexStored(stored, ports));
  const analytics = await caught(() => analyzeStored(stored, ports));
  return { cache, rows, index, analytics };
}

const twice = <T>(state: () => Promise<T>): Promise<T> => state().catch(state);

const caught = <T>(state: () => Promise<T>): Promise<T | { readonly Error: string }> =>
  twice(state).catch((error: unknown) => ({ Error: error instanceof Error ? error.name : "Error" }));

/** The two repair queues: what a consumer did not finish stays. */
class WaitingRepairs implements RepairQueue {
  #cache: readonly CacheRepair[] = [];
  #index: readonly IndexRepair[] = [];

  get isEmpty(): boolean {
    return this.#cache.length + this.#index.length === 0;
  }

  async refreshCache(repairs: readonly CacheRepair[]): Promise<void> {
    this.#cache = [...this.#cache, ...repairs];
  }

  async reindex(repairs: readonly IndexRepair[]): Promise<void> {
    this.#index = [...this.#index, ...repairs];
  }

  async consume(ports: Ports): Promise<void> {
    if (this.#cache.length > 0) await refreshCache(this.#cache, ports);
    this.#cache = [];
    const results = this.#index.length > 0 ? await repairIndex(this.#index, ports) : [];
    this.#index = this.#index.filter((_, position) => results[position]?.status === "failed");
  }
}
