import type { ErasureTarget } from "../../functions/core/domain/erasure.ts";
import { TransientError } from "../../functions/core/domain/errors.ts";
import { liveGeneration } from "../../functions/core/domain/fence.ts";
import { KeyChain } from "../../functions/core/domain/key-chain.ts";
import type { StoredMessage } from "../../functions/core/domain/message.ts";
import { sortKeyOf } from "../../functions/core/domain/message.ts";
import type { Eraser } from "../../functions/core/domain/personal-stores.ts";
import { documentVersion } from "../../functions/core/domain/search-document.ts";
import { shardOf } from "../../functions/core/domain/shard.ts";
import type { QueueRecord } from "../../functions/core/ports/event-queue.ts";
import type { Fences } from "../../functions/core/ports/fences.ts";
import type { CacheRepair, IndexRepair, RepairQueue } from "../../functions/core/ports/repair-queue.ts";
import { createFakeContextCache, type FakeContext } from "../support/fakes/fake-context-cache.ts";
import { createFakeErasureLedger } from "../support/fakes/fake-erasure-ledger.ts";
import { FakeErasureRequests } from "../support/fakes/fake-erasure-requests.ts";
import { createFakeFences } from "../support/fakes/fake-fences.ts";
import { FakeIdentities } from "../support/fakes/fake-identities.ts";
import { FakeLakeBucket } from "../support/fakes/fake-lake-bucket.ts";
import { FakeLakeDays } from "../support/fakes/fake-lake-days.ts";
import { FakeLakePeople } from "../support/fakes/fake-lake-people.ts";
import { fakeLakeRowFiles } from "../support/fakes/fake-lake-row-files.ts";
import { FakeLakeRows } from "../support/fakes/fake-lake-rows.ts";
import { FakeLegalHolds } from "../support/fakes/fake-legal-holds.ts";
import { createFakeMessageReader } from "../support/fakes/fake-message-store.ts";
import { createFakeObjectIndex, createFakeObjectStore } from "../support/fakes/fake-objects.ts";
import { createFakeQuarantine } from "../support/fakes/fake-quarantine.ts";
import { FakeTables } from "../support/fakes/fake-tables.ts";
import type { ErasureBug } from "./erasure-bugs.ts";
import type { RealStores } from "./erasure-engines.ts";
import { SimulatedSearch } from "./erasure-search.ts";
import type { StepBucket } from "./lake-steps.ts";
import { type Footprint, Scheduler } from "./scheduler.ts";

/** Yesterday, whose export runs now, and today. */
export const DAYS = ["2026-11-20", "2026-11-21"] as const;
/** How a call ends: not carried out, or carried out and its answer lost, or carried out later, or well. */
type Fault = "none" | "refused" | "lost" | "late";
/** Makes no steps: it is part of a call that is one. */
export const INSIDE = "inside a call";
/** Longest life of a writer. */
export const DRAIN_SECONDS = 900;
const START = "2026-11-21T02:30:00.000Z";
const HOUR_MS = 3_600_000;

/** The same few ids again and again. */
class RememberingKeys extends KeyChain {
  readonly #tags = new Map<string, string[]>();

  override tags(userId: string): string[] {
    const tags = this.#tags.get(userId) ?? super.tags(userId);
    this.#tags.set(userId, tags);
    return tags;
  }
}

const KEYS = new RememberingKeys({ k1: "simulation".repeat(4) });

/** What happened to one event that was ever sent. */
export interface SentEvent {
  /** In the text, so that it can be found wherever it went. */
  readonly canary: string;
  readonly user_id: string;
  readonly message_id: string;
  readonly kind: "message" | "edit" | "delete";
  /** The event's time for the fence. ISO 8601, ms, UTC. */
  readonly time: string;
  readonly timestamp: string;
}

/** What a receipt promises of one id. */
export interface Promised {
  readonly generation: number;
  readonly fenced_at: string;
}

export interface WorldOptions {
  readonly hasLake?: boolean;
  readonly isBrief?: boolean;
  /** Real engines in place of the stores of tables, cache and index: then every call is one step. */
  readonly engines?: RealStores;
  /** Every call of a port is one step, as on real engines. @default with engines */
  readonly isCoarse?: boolean;
  /** Put into every id, so that the people of a run are nobody else's. */
  readonly suffix?: string;
}

/** The stores of one deployment in memory, and the truth about what was sent and promised. */
export class ErasureWorld {
  readonly scheduler = new Scheduler();
  readonly bug: ErasureBug | undefined;
  now = new Date(START);
  readonly clock = () => this.now;
  readonly keys = KEYS;

  readonly tables = new FakeTables(this.clock);
  readonly contexts = new Map<string, FakeContext>();
  readonly cache = createFakeContextCache({ clock: this.clock, contexts: this.contexts });
  readonly search: SimulatedSearch;
  readonly ledger = createFakeErasureLedger(this.tables);
  readonly reader = createFakeMessageReader(this.tables);
  readonly quarantine = createFakeQuarantine(this.tables);
  readonly objectIndex = createFakeObjectIndex();
  readonly objectStore = createFakeObjectStore();
  readonly bucket: FakeLakeBucket;
  readonly days = new FakeLakeDays(this.clock);
  readonly people = new FakeLakePeople();
  readonly files = fakeLakeRowFiles;
  /** What the day's index of the table shows: it lags. */
  readonly dayRows = new FakeLakeRows();

  readonly fences: Fences;
  readonly requests = new FakeErasureRequests(this.clock, (value) => value);
  readonly requestIds: string[] = [];
  readonly holds = new FakeLegalHolds();
  readonly identities = new FakeIdentities();

  readonly queue: QueuedRecord[] = [];
  readonly repairs = new WaitingRepairs();
  readonly sent: SentEvent[] = [];
  /** While this holds nobody comes between: steps are made as they come. */
  isQuiet = true;
  /** What erasures of this world erase. */
  parts: readonly Eraser[] = [];
  /** Where the scenario erases: what it leaves alone is not looked at. */
  readonly places = new Set<string>();
  readonly promises = new Map<string, Promised>();
  /** Invocations that live, and whose they are. */
  readonly living = new Map<number, string>();
  #lagging = 0;
  #late = 0;
  #invocations = 0;
  #ids = 0;

  /** Whether the scenario has a lake: then marks are set and the day's index lags. */
  readonly hasLake: boolean;
  /** Whether the eraser's steps are few, see `Area.isBrief`. */
  readonly isBrief: boolean;
  readonly engines: RealStores | undefined;
  readonly isCoarse: boolean;
  readonly #suffix: string;
  #replica: [string, FakeContext][] = [];
  /** Contexts may be older than their rows, until their time is over or somebody compares them. */
  hasFailedOver = false;
  /** Calls that are being carried out. */
  busy = 0;
  /** The bucket as steps see it. */
  readonly stepper: StepBucket;
  /** How a completion of an upload ends. */
  completion: StepBucket["completion"] = () => "answered";
  /** How a call ends; nothing goes wrong unless a run says so. */
  fault: (actor: string, step: string) => Fault = () => "none";

  constructor(
    bug?: ErasureBug,
    { hasLake = false, isBrief = true, engines, isCoarse = false, suffix = "" }: WorldOptions = {},
  ) {
    this.bug = bug;
    this.search = new SimulatedSearch(
      bug === "documents of all generations count alike" ? ({ revision }) => revision : documentVersion,
    );
    this.hasLake = hasLake;
    this.isBrief = isBrief;
    this.engines = engines;
    this.isCoarse = isCoarse || engines !== undefined;
    this.#suffix = suffix;
    this.fences =
      engines?.fences ??
      createFakeFences(this.tables, { clock: this.clock, raise: () => this.days.raiseFence() });
    this.bucket = new FakeLakeBucket({ honoursConditions: bug !== "no If-Match", clock: this.clock });
    this.stepper = {
      bucket: this.bucket,
      step: async (step) => {
        if (!this.isQuiet) await this.scheduler.step(step);
      },
      completion: () => this.completion(),
      arriveLater: (name, footprint, arrive) => {
        const actor = `network ${++this.#late}`;
        this.scheduler.start(async () => {
          await this.step(actor, name, footprint);
          arrive();
        });
      },
    };
  }

  newId = (): string => `id-${++this.#ids}`;

  /** An hour later for each erasure: what it fences is older, what comes after is newer. */
  nextHour(): void {
    this.now = new Date(this.now.getTime() + HOUR_MS);
  }

  /** A step of an actor that is no call of a port. */
  async step(actor: string, name: string, footprint: Footprint, isEnabled?: () => boolean): Promise<void> {
    if (this.isQuiet || actor === INSIDE) return;
    await this.scheduler.step({ actor, name, footprint, ...(isEnabled && { isEnabled }) });
  }

  /** The drain is over: time is beyond this moment. */
  waitUntil(moment: string): void {
    if (this.now.toISOString() <= moment) this.now = new Date(Date.parse(moment) + 1000);
  }

  /** The cache's replica has all that its primary has; it lags, though never by a pass of an erasure. */
  replicate(): void {
    this.#replica = structuredClone([...this.contexts]);
  }

  /** The replica takes over: what it had not yet is lost, also what was removed. */
  failOver(): void {
    this.contexts.clear();
    for (const [tag, context] of this.#replica) this.contexts.set(tag, context);
    this.replicate();
    this.hasFailedOver = true;
  }

  /** The generation in which a person writes now. */
  generationOf(userId: string): number {
    return liveGeneration(this.tables.fences.get(this.keys.tag(userId)));
  }

  /** A receipt says that these are gone. */
  promise(targets: readonly ErasureTarget[]): void {
    for (const { user_id, generation, fenced_at } of targets) {
      this.promises.set(user_id, { generation, fenced_at });
    }
  }

  /** What a bot was answered. */
  answered(_userId: string, _contents: readonly string[]): void {}

  /** Something that was sent before and arrives now. */
  network(name: string, footprint: Footprint, arrive: () => Promise<void>): void {
    const actor = `network ${++this.#late}`;
    this.scheduler.start(() =>
      this.invocation(actor, async () => {
        await this.step(actor, name, footprint);
        await arrive();
      }),
    );
  }

  /** A person's id in this world: ids that begin alike still do. */
  idOf(userId: string): string {
    return userId.replace(":", `:${this.#suffix}`);
  }

  /** Everybody who ever sent something. */
  peopleHeld(): string[] {
    return [...new Set(this.sent.map(({ user_id }) => user_id))];
  }

  /** Bumps the marks of past days that rows belong to, as every writer does before it writes. */
  async mark(actor: string, rows: readonly StoredMessage[]): Promise<void> {
    const today = this.now.toISOString().slice(0, 10);
    for (const { timestamp, user_id } of rows) {
      const day = timestamp.slice(0, 10);
      if (day >= today) continue;
      await this.step(actor, "mark", { reads: ["time"], writes: ["marks", "state"] });
      await this.days.bump(day, shardOf(user_id));
    }
  }

  /** Runs what a time limit bounds, so that the drain can wait for it. */
  async invocation(actor: string, work: () => Promise<void>): Promise<void> {
    const id = ++this.#invocations;
    this.living.set(id, actor);
    try {
      await work();
    } catch (error) {
      // It is called again, or somebody looks at it in the morning.
      if (!(error instanceof TransientError)) throw error;
    } finally {
      this.living.delete(id);
    }
  }

  /** Ends an actor at once, as its time limit or a failing machine does. */
  kill(actor: string): void {
    this.scheduler.crash(actor);
    for (const [id, owner] of this.living) if (owner === actor) this.living.delete(id);
  }

  /** The index of a table shows a row a while after it was written or removed. */
  rowChanged(user_id: string, sort_key: string): void {
    if (!this.hasLake) return;
    const actor = `index ${++this.#lagging}`;
    this.scheduler.start(async () => {
      await this.step(actor, "shows", { writes: ["day index"], reads: ["rows"] });
      this.showRow(user_id, sort_key);
    });
  }

  showRow(user_id: string, sort_key: string): void {
    const row = this.tables.liveRow(user_id, sort_key);
    if (row) this.dayRows.put(row);
    else
      for (const old of this.dayRows.all())
        if (old.user_id === user_id && sortKeyOf(old) === sort_key) this.dayRows.remove(old);
  }

  /** The index has caught up. */
  showAll(): void {
    for (const row of this.dayRows.all()) this.showRow(row.user_id, sortKeyOf(row));
    for (const row of this.tables.everyRow()) this.showRow(row.user_id, sortKeyOf(row));
  }

  /** Sends an event to the queue. */
  send(event: EventFields): QueuedRecord {
    const user_id = this.idOf(event.user_id);
    const { message_id, kind = "message", timestamp, receivedAt } = event;
    const canary = event.canary ?? `canary-${this.sent.length + 1}`;
    const time = timestamp < receivedAt ? timestamp : receivedAt;
    this.sent.push({ canary, user_id, message_id, kind, time, timestamp });
    const body = JSON.stringify({
      kind,
      user_id,
      message_id,
      session_id: `s-${user_id}`,
      timestamp,
      role: "user",
      ...(kind !== "delete" && { content: canary }),
    });
    return this.enqueue(body, receivedAt);
  }

  enqueue(body: string, receivedAt: string, retries?: number): QueuedRecord {
    const record: QueuedRecord = {
      id: this.newId(),
      body,
      sentAt: new Date(receivedAt),
      receiveCount: 0,
      receiptHandle: "",
      state: "waiting",
      ...(retries !== undefined && { retries }),
    };
    this.queue.push(record);
    return record;
  }
}

export interface EventFields {
  readonly user_id: string;
  readonly message_id: string;
  readonly kind?: "message" | "edit" | "delete";
  readonly timestamp: string;
  readonly receivedAt: string;
  /** @default a new one */
  readonly canary?: string;
}

/** A record and where it is: in the queue, with a consumer, among the dead letters, or gone. */
export type QueuedRecord = { -readonly [Key in keyof QueueRecord]: QueueRecord[Key] } & {
  state: "waiting" | "taken" | "dead" | "gone";
};

interface Repairs {
  readonly cache: readonly CacheRepair[];
  readonly index: readonly IndexRepair[];
}

/** The two queues of repairs. */
class WaitingRepairs implements RepairQueue {
  cache: CacheRepair[] = [];
  index: IndexRepair[] = [];
  readonly #taken = new Set<Repairs>();

  get isWaiting(): boolean {
    return this.cache.length + this.index.length > 0;
  }

  take(): Repairs {
    const taken = { cache: this.cache, index: this.index };
    this.cache = [];
    this.index = [];
    this.#taken.add(taken);
    return taken;
  }

  /** What was taken leaves the queue. */
  finish(taken: Repairs): void {
    this.#taken.delete(taken);
  }

  /** What died with who took it is there again. */
  reappear(): void {
    for (const { cache, index } of this.#taken) {
      this.cache.push(...cache);
      this.index.push(...index);
    }
    this.#taken.clear();
  }

  async refreshCache(repairs: readonly CacheRepair[]): Promise<void> {
    this.cache.push(...repairs);
  }

  async reindex(repairs: readonly IndexRepair[]): Promise<void> {
    this.index.push(...repairs);
  }
}
