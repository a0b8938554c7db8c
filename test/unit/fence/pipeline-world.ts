import type { PipelineOutcomes } from "../../../functions/core/contracts/pipeline.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { type RoutedMessage, type StoredMessage, sortKeyOf } from "../../../functions/core/domain/message.ts";
import type { ErasureLedger } from "../../../functions/core/ports/erasure-ledger.ts";
import type { QueueRecord } from "../../../functions/core/ports/event-queue.ts";
import type { CacheRepair, IndexRepair } from "../../../functions/core/ports/repair-queue.ts";
import type { RouteBatchDeps } from "../../../functions/core/use-cases/routing.ts";
import { storeInCache } from "../../../functions/core/use-cases/store-in-cache.ts";
import { aRoutedMessage, fixedClock, later, NOW } from "../../support/builders.ts";
import { createFakeContextCache, type FakeContext } from "../../support/fakes/fake-context-cache.ts";
import { createFakeDayReader } from "../../support/fakes/fake-day-reader.ts";
import { createFakeErasureLedger } from "../../support/fakes/fake-erasure-ledger.ts";
import { createFakeMessageIndex } from "../../support/fakes/fake-message-index.ts";
import { createFakeMessageReader, createFakeMessageStore } from "../../support/fakes/fake-message-store.ts";
import { createFakeObjectIndex, createFakeObjectStore } from "../../support/fakes/fake-objects.ts";
import { createFakeQuarantine } from "../../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../../support/fakes/fake-tables.ts";

export const keys = new KeyChain({ k1: "k".repeat(64) });
export const ANA = "web:ana";
/** Ana was erased a minute after what she wrote. */
export const FENCED_AT = later(60_000);

/** Every store that message paths write to, in memory; Ana wrote, and her rows are not swept yet. */
export class PipelineWorld {
  readonly clock = fixedClock(later(120_000));
  readonly tables = new FakeTables(this.clock);
  readonly store = createFakeMessageStore(this.tables);
  readonly reader = createFakeMessageReader(this.tables);
  readonly contexts = new Map<string, FakeContext>();
  readonly cache = createFakeContextCache({ clock: this.clock, contexts: this.contexts });
  readonly index = createFakeMessageIndex();
  readonly days = createFakeDayReader(this.tables);
  readonly quarantine = createFakeQuarantine(this.tables);
  readonly objectStore = createFakeObjectStore();
  readonly objectIndex = createFakeObjectIndex();
  readonly cacheRepairs: CacheRepair[] = [];
  readonly indexRepairs: IndexRepair[] = [];
  readonly counted: Record<string, number> = {};
  /** How often the ledger was asked for Ana. */
  asked = 0;
  isLedgerDown = false;
  readonly message: RoutedMessage = aRoutedMessage({ user_id: ANA, tag: keys.tag(ANA), content: "vieja" });

  static async withRow(): Promise<PipelineWorld> {
    const world = new PipelineWorld();
    await world.store.store([world.message]);
    return world;
  }

  erase(): void {
    this.tables.fences.set(keys.tag(ANA), { generation: 1, fenced_at: FENCED_AT });
  }

  readonly ledger: ErasureLedger = {
    fences: async (tags) => {
      if (tags.includes(keys.tag(ANA))) this.asked += 1;
      if (this.isLedgerDown) throw new TransientError("DynamoDB erasure-ledger: unreachable");
      return createFakeErasureLedger(this.tables).fences(tags);
    },
  };

  get row(): StoredMessage {
    const row = this.tables.liveRow(ANA, sortKeyOf(this.message));
    if (row === undefined) throw new Error("no row");
    return row;
  }

  /** A record of the event queue, first received when the message was. */
  record(fields: Readonly<Record<string, unknown>> = {}, sentAt = NOW): QueueRecord {
    const event = {
      user_id: ANA,
      message_id: "m-2",
      session_id: "s1",
      timestamp: NOW,
      role: "user",
      content: "vieja también",
      ...fields,
    };
    return {
      id: "r1",
      body: JSON.stringify(event),
      sentAt: new Date(sentAt),
      receiveCount: 1,
      receiptHandle: "h1",
    };
  }

  routerDeps(): RouteBatchDeps {
    return {
      keys,
      ledger: this.ledger,
      quarantine: this.quarantine,
      objectStore: this.objectStore,
      objectIndex: this.objectIndex,
      repairs: this.repairs(),
      queue: { delay: async () => undefined },
      workflow: { run: ({ messages }) => this.#run(messages) },
      count: (name, n) => {
        this.counted[name] = (this.counted[name] ?? 0) + n;
      },
      report: () => undefined,
      random: () => 0,
      shouldAnalyze: false,
      hasTimeForExecution: () => true,
    };
  }

  repairs() {
    return {
      refreshCache: async (repairs: readonly CacheRepair[]) => void this.cacheRepairs.push(...repairs),
      reindex: async (repairs: readonly IndexRepair[]) => void this.indexRepairs.push(...repairs),
    };
  }

  /** All that the stores hold of Ana. */
  written() {
    const { records, rows, conversations, profile } = this.tables.stateOf(ANA);
    return structuredClone({
      rows: [...rows],
      records: [...records],
      conversations: [...conversations],
      profile,
      contexts: [...this.contexts].filter(([, { held }]) => held.size > 0),
      documents: this.index.documents(),
      quarantine: this.quarantine.entries,
      objects: [...this.objectStore.objects],
    });
  }

  async #run(messages: readonly RoutedMessage[]): Promise<PipelineOutcomes> {
    const cache = await storeInCache({ messages }, this.cache);
    const rows = await this.store.store(messages);
    return {
      cache,
      rows: { outcomes: rows },
      index: { outcomes: rows.map(({ item }) => ({ item, status: "indexed" })) },
    };
  }
}
