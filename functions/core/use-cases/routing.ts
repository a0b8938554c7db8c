import type { KeyChain } from "../domain/key-chain.ts";
import type { Count } from "../ports/counters.ts";
import type { ErasureLedger } from "../ports/erasure-ledger.ts";
import type { EventQueue, QueueRecord } from "../ports/event-queue.ts";
import type { MessageWorkflow } from "../ports/message-workflow.ts";
import type { Quarantine } from "../ports/quarantine.ts";
import type { RepairQueue } from "../ports/repair-queue.ts";
import type { PersonalObjects } from "./personal-object.ts";

export interface RouteBatchDeps extends PersonalObjects {
  readonly ledger: ErasureLedger;
  readonly workflow: MessageWorkflow;
  readonly quarantine: Quarantine;
  readonly repairs: RepairQueue;
  readonly queue: EventQueue;
  readonly keys: KeyChain;
  readonly count: Count;
  /** Told of each failure; logs carry record ids, codes and error names only. */
  readonly report: (failure: {
    readonly recordId: string;
    readonly step: string;
    readonly error?: unknown;
  }) => void;
  readonly random: () => number;
  /** Whether the workflow is to analyse messages. */
  readonly shouldAnalyze: boolean;
  /** True while there is time for one more execution to its limit. */
  readonly hasTimeForExecution: () => boolean;
}

/** What becomes of a record: `done` leaves the queue, `retry` stays. */
export type Verdict = "done" | "retry";

/** A record whose person is known, so that the ledger can be asked. */
export interface Arrival {
  readonly record: QueueRecord;
  readonly userId: string;
  readonly tag: string;
}
