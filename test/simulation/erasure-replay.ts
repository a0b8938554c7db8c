import { setTimeout as sleep } from "node:timers/promises";
import type { PersonalStore } from "../../functions/core/ports/personal-store.ts";
import type { ErasureRun } from "./erasure-course.ts";
import type { RealStores } from "./erasure-engines.ts";
import type { ErasureWorld } from "./erasure-world.ts";

const LIMIT_MS = 20_000;
const POLL_MS = 2;

/** Makes a recorded trace again, step by step, each once the one before is carried out. @throws Error where it cannot */
export async function replay({ scheduler, world }: ErasureRun, trace: readonly string[]): Promise<void> {
  for (const [position, name] of trace.entries()) {
    const end = Date.now() + LIMIT_MS;
    for (;;) {
      await sleep(POLL_MS);
      if (world.busy === 0 && scheduler.find(name)) break;
      if (Date.now() > end)
        throw new Error(
          `step ${position + 1}, ${name}, does not come: ${trace.slice(0, position).join("; ")}`,
        );
    }
    const step = scheduler.find(name);
    if (step) scheduler.make(step);
  }
  const end = Date.now() + LIMIT_MS;
  do await sleep(5 * POLL_MS);
  while (world.busy > 0 && Date.now() < end);
}

/** What one person's data looks like in the end, the same way for simulated and for real stores. */
export interface FinalState {
  readonly user_id: string;
  readonly generation: number;
  readonly promised: number;
  readonly rows: readonly string[];
  readonly documents: readonly string[];
  readonly cached: readonly string[];
}

interface Held {
  readonly message_id: string;
  readonly generation?: number;
  readonly revision: number;
  readonly deleted?: boolean;
  readonly content?: string;
}

const textOf = ({ message_id, generation, revision, deleted, content }: Held): string =>
  [message_id, generation, revision, deleted ? "deleted" : content].join(" ");

/** Looks at simulated stores. */
export function simulatedState(world: ErasureWorld, userId: string): FinalState {
  const user_id = world.idOf(userId);
  const tag = world.keys.tag(user_id);
  const context = world.contexts.get(tag);
  const documents = [...world.search.pieces()].filter((row) => row.user_id === user_id);
  return {
    user_id: userId,
    generation: world.generationOf(user_id),
    promised: world.promises.get(user_id)?.generation ?? 0,
    rows: world.tables.allRows(user_id).map(textOf).sort(),
    documents: documents.map(textOf).sort(),
    cached: [...(context?.held.values() ?? [])]
      .flatMap(({ message }) =>
        message ? [`${context?.generation} ${message.message_id} ${message.content}`] : [],
      )
      .sort(),
  };
}

/** Looks at real stores, by what they give back of a person. */
export async function realState(
  world: ErasureWorld,
  stores: RealStores,
  userId: string,
): Promise<FinalState> {
  const user_id = world.idOf(userId);
  const tag = world.keys.tag(user_id);
  const fence = (await stores.ledger.fences([tag])).get(tag);
  const person = { user_id, tags: world.keys.tags(user_id) };
  const exported = async (store: PersonalStore | undefined): Promise<unknown[]> => {
    const values: unknown[] = [];
    for await (const record of store?.export(person) ?? [])
      if (record.kind === "json") values.push(record.value);
    return values;
  };
  const { tables, search, cache } = stores.personal;
  const cached = (await exported(cache.cache)).flatMap((value) =>
    Array.isArray(value) ? (value as Held[]) : [],
  );
  const [context] = await cache.cache.count([
    { user_id, tag, tags: [tag], generation: fence?.generation ?? 0, fenced_at: "" },
  ]);
  const generation = (fence?.generation ?? 0) + 1;
  return {
    user_id: userId,
    generation,
    promised: world.promises.get(user_id)?.generation ?? 0,
    rows: ((await exported(tables["conversation-contexts"])) as Held[]).map(textOf).sort(),
    documents: ((await exported(search.search)) as Held[]).map(textOf).sort(),
    // A context holds one generation: the live one, or what should be gone.
    cached: cached
      .map(
        ({ message_id, content }) =>
          `${context?.items ? generation - 1 : generation} ${message_id} ${content}`,
      )
      .sort(),
  };
}
