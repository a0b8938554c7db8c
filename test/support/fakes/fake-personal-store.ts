import {
  addCounts,
  type ErasureTarget,
  NOTHING_HELD,
  type StoreCounts,
} from "../../../functions/core/domain/erasure.ts";
import type { PersonalRecord, PersonalStore } from "../../../functions/core/ports/personal-store.ts";

/** Something held about a person. */
export interface HeldRecord {
  readonly user_id: string;
  readonly name: string;
  readonly generation: number;
  readonly value: unknown;
  /** What it counts as. @default one item of its JSON's length */
  readonly counts?: Partial<StoreCounts>;
}

/** A moment within a call: before the people's data is read, and before and after each batch of it is removed. */
export interface FakeStep {
  readonly store: string;
  readonly call: "count" | "erase" | "verify" | "export";
  readonly moment: "read" | "remove" | "removed";
}

export interface FakePersonalStoreOptions {
  /** Name, for steps. @default "fake" */
  readonly store?: string;
  /** Records that one batch removes. @default 1 */
  readonly batch?: number;
  /** Awaited at each step: pauses the call, lets others go on, or, by throwing, fails or kills it there. */
  readonly onStep?: (step: FakeStep) => void | Promise<void>;
}

/** A store of personal data in memory. */
export interface FakePersonalStore extends PersonalStore {
  /** Writes a record, as a writer does; one of the same person and name is replaced. */
  put(...records: readonly HeldRecord[]): void;
  /** All that is held, for looking at it from outside. */
  readonly held: readonly HeldRecord[];
}

/** A store that really keeps and removes what is put there, record by record, with a hook at each step. */
export function createFakePersonalStore(options: FakePersonalStoreOptions = {}): FakePersonalStore {
  const { store = "fake", batch = 1, onStep } = options;
  let held: HeldRecord[] = [];
  const step = async (call: FakeStep["call"], moment: FakeStep["moment"]): Promise<void> => {
    await onStep?.({ store, call, moment });
  };
  const ofTarget = ({ user_id, generation }: ErasureTarget): HeldRecord[] =>
    held.filter((record) => record.user_id === user_id && record.generation <= generation);
  const countAll = async (call: FakeStep["call"], targets: readonly ErasureTarget[]) => {
    await step(call, "read");
    return targets.map((target) => totalOf(ofTarget(target)));
  };
  return {
    get held() {
      return structuredClone(held);
    },

    put(...records) {
      const isReplaced = (old: HeldRecord) =>
        records.some(({ user_id, name }) => old.user_id === user_id && old.name === name);
      held = [...held.filter((old) => !isReplaced(old)), ...structuredClone(records)];
    },

    count: (targets) => countAll("count", targets),
    verify: (targets) => countAll("verify", targets),

    async erase(targets, pace) {
      const removed = targets.map(() => NOTHING_HELD);
      for (const [nth, target] of targets.entries()) {
        for (;;) {
          await step("erase", "read");
          const doomed = new Set(ofTarget(target).slice(0, batch));
          if (doomed.size === 0) break;
          if (!pace.hasTime()) return { done: false, removed };
          if ((await pace.unheld([target])).length === 0) break;
          await step("erase", "remove");
          // What changed since it was read is another record, and is looked at again.
          const present = held.filter((record) => doomed.has(record));
          held = held.filter((record) => !doomed.has(record));
          removed[nth] = addCounts(removed[nth] ?? NOTHING_HELD, totalOf(present));
          await step("erase", "removed");
        }
      }
      return { done: true, removed };
    },

    async *export({ user_id }): AsyncGenerator<PersonalRecord> {
      await step("export", "read");
      for (const record of held.filter((one) => one.user_id === user_id)) {
        yield { kind: "json", name: record.name, value: structuredClone(record.value) };
      }
    },
  };
}

const totalOf = (records: readonly HeldRecord[]): StoreCounts =>
  records
    .map(({ counts, value }) => ({
      ...NOTHING_HELD,
      ...(counts ?? { items: 1, bytes: Buffer.byteLength(JSON.stringify(value) ?? "") }),
    }))
    .reduce(addCounts, NOTHING_HELD);
