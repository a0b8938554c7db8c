import { TransientError } from "../../functions/core/domain/errors.ts";
import { type StoredMessage, sortKeyOf } from "../../functions/core/domain/message.ts";
import { fenceRestored } from "../../functions/core/use-cases/restore-fence.ts";
import { FakeTables } from "../support/fakes/fake-tables.ts";
import { portsOf } from "./erasure-ports.ts";
import { simulatedTables } from "./erasure-stores.ts";
import type { ErasureWorld } from "./erasure-world.ts";

const apply = (tables: FakeTables, row: StoredMessage): void =>
  tables.apply({ outcomes: [], rows: [{ next: row }], records: [], conversations: [] });

/**
 * Brings back rows from a backup taken now: beside the table, where the fences run over them, and into the table only
 * when nobody was fenced since; what the table has already stays.
 */
export function startRestore(world: ErasureWorld, actor: string): void {
  const backup = world.tables.everyRow();
  const restored = new FakeTables(world.clock);
  world.scheduler.start(async () => {
    await world.step(actor, "restores beside the table", {});
    for (const row of backup) apply(restored, row);
    for (;;) {
      const fences = await runFences(world, actor, restored);
      await world.step(actor, "lets it serve", { reads: ["ledger", "fences"], writes: ["rows"] });
      if (fences === undefined || fences === (await world.days.fenceSequence())) break;
    }
    for (const row of restored.everyRow()) {
      if (world.tables.liveRow(row.user_id, sortKeyOf(row))) continue;
      apply(world.tables, row);
      world.rowChanged(row.user_id, sortKeyOf(row));
    }
  });
}

/** `hilo restore fence`. @returns how many fences there were */
async function runFences(
  world: ErasureWorld,
  actor: string,
  restored: FakeTables,
): Promise<number | undefined> {
  if (world.bug === "restore without the fence") return undefined;
  const { days, keys, holds } = world;
  const { ledger } = portsOf(world, actor);
  const store = simulatedTables(world, actor, restored)["conversation-contexts"];
  const people = {
    async *all() {
      for (const { user_id, generation } of restored.everyRow()) yield { user_id, generation };
    },
  };
  for (;;) {
    try {
      return (await fenceRestored({ people, store }, 0, { ledger, days, keys, holds })).fences;
    } catch (error) {
      // Whoever restores starts it again.
      if (!(error instanceof TransientError)) throw error;
    }
  }
}
