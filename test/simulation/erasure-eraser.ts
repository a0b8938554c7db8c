import type { EraseStoresInput, FinishErasureInput } from "../../functions/core/contracts/user-erasure.ts";
import { StoresFailedError } from "../../functions/core/domain/erasure-errors.ts";
import { TransientError } from "../../functions/core/domain/errors.ts";
import {
  ERASERS,
  type ErasableStoreName,
  type Eraser,
  storesOf,
} from "../../functions/core/domain/personal-stores.ts";
import type { PersonalStore } from "../../functions/core/ports/personal-store.ts";
import { eraseStores } from "../../functions/core/use-cases/erasure/erase-stores.ts";
import { fencePeople } from "../../functions/core/use-cases/erasure/fence-people.ts";
import {
  type FinishErasureDeps,
  finishErasure,
} from "../../functions/core/use-cases/erasure/finish-erasure.ts";
import { nothing } from "./empty-store.ts";
import { abortLakeUploads, objectStores } from "./erasure-lake.ts";
import { steppedPort } from "./erasure-ports.ts";
import { cacheStore, oneStepACall, searchStore, tableStores } from "./erasure-stores.ts";
import { DRAIN_SECONDS, type ErasureWorld } from "./erasure-world.ts";

const PLACES: Readonly<Record<Eraser, readonly string[]>> = {
  cache: ["cache"],
  tables: ["rows", "records", "conversations", "profiles", "quarantine"],
  search: ["search"],
  objects: ["lake", "object index"],
};

export interface ErasureOptions {
  /** What the scenario has anything in. */
  readonly parts?: readonly Eraser[];
  readonly passes?: number;
  /** Executions, should one fail. */
  readonly attempts?: number;
  /** Nothing begins before. */
  readonly when?: () => boolean;
}

/** Tries that the machine gives a step, and attempts at erasing what verification still finds. */
const TRIES = 5;

/** Opens an approved request for a person. @returns its id */
async function openRequest(world: ErasureWorld, userId: string): Promise<string> {
  const request_id = `er-20261121T023000-${String(world.requestIds.length + 1).padStart(12, "0")}`;
  world.requestIds.push(request_id);
  const now = world.now.toISOString();
  await world.requests.create(
    {
      request_id,
      status: "approved",
      people: 1,
      created_at: now,
      planned_by: "operator",
      approved_by: "somebody else",
      approved_at: now,
      plan_hash: "0".repeat(64),
      expires_at: "2027-01-01T00:00:00.000Z",
      attempts: 0,
      held: 0,
      stores: {},
    },
    [{ person: 1, user_ids: [world.idOf(userId)] }],
  );
  return request_id;
}

/** The machine `user-erasure`, started again when it fails, as an operator does. */
export function startErasure(
  world: ErasureWorld,
  actor: string,
  userId: string,
  { attempts = 1, when, ...options }: ErasureOptions = {},
): void {
  world.parts = options.parts ?? PARTS;
  for (const part of world.parts) for (const place of PLACES[part]) world.places.add(place);
  world.scheduler.start(async () => {
    if (when) await world.step(actor, "is asked for", { reads: ["ledger"] }, when);
    const requestId = await openRequest(world, userId);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      if (await execute(world, `${actor}${attempt > 1 ? ` again ${attempt}` : ""}`, requestId, options))
        return;
    }
  });
}

const PARTS: readonly Eraser[] = ["cache", "tables", "search"];

/** One execution. @returns whether it ended well */
export async function execute(
  world: ErasureWorld,
  actor: string,
  request_id: string,
  { parts = PARTS, passes = 2 }: Pick<ErasureOptions, "parts" | "passes">,
): Promise<boolean> {
  const { bug } = world;
  try {
    await tried(() => fence(world, actor, request_id));
    if (parts.includes("objects")) {
      const fenced = await world.requests.subjects(request_id);
      await tried(() =>
        abortLakeUploads(
          world,
          actor,
          fenced.flatMap(({ targets = [] }) => targets),
        ),
      );
    }
    await drain(world, actor, request_id);
    if (bug === "aliases fenced after the drain") {
      await fence(world, actor, request_id, true);
      world.waitUntil((await world.requests.read(request_id))?.drained_at ?? "");
    }
    const branches: Branch[] = [];
    for (let pass = 1; pass <= passes; pass++) {
      world.replicate();
      const some = ERASERS.map((part) =>
        eraseBranch(world, `${actor}'s ${part}`, request_id, part, parts.includes(part)),
      );
      branches.push(...(await Promise.all(some)));
    }
    await world.step(actor, "receipt", {
      reads: ["cache", "rows", "search", "object", "index", "quarantine"],
    });
    const { status } = await finishErasure({ request_id, branches }, finishDeps(world));
    if (status !== "completed") return false;
    const subjects = await world.requests.subjects(request_id);
    world.promise(subjects.flatMap(({ targets = [] }) => targets));
    return true;
  } catch (error) {
    if (error instanceof TransientError || error instanceof StoresFailedError) return false;
    throw error;
  }
}

const finishDeps = ({ requests, clock }: ErasureWorld): FinishErasureDeps => ({
  requests,
  clock,
  software: "hilo",
  signer: {
    keyId: async () => "key",
    sign: async () => new Uint8Array(1),
    publicKey: async () => "",
  },
});

type Branch = FinishErasureInput["branches"][number];

/** `FencePeople`: each fence is a step, and so is each look at who belongs to whom. */
async function fence(world: ErasureWorld, actor: string, request_id: string, late = false): Promise<void> {
  const identities = steppedPort(world, actor, "identities", world.identities, {
    ofAlias: { reads: ["links"] },
    ofPerson: { reads: ["links"] },
  });
  const isLate = world.bug === "aliases fenced after the drain" && !late;
  await fencePeople(
    { request_id },
    {
      requests: world.requests,
      holds: world.holds,
      fences: steppedPort(world, actor, "fences", world.fences, { fence: { writes: ["ledger", "fences"] } }),
      identities: isLate ? { ofAlias: async () => [], ofPerson: async () => [] } : identities,
      keys: world.keys,
      clock: world.clock,
      drainSeconds: DRAIN_SECONDS,
    },
  );
}

/** What of a brief erasure happens in the step before it. */
const BRIEF = ["rows", "quarantine"];

/** Waits for every invocation that may have read the ledger before the fence. */
async function drain(world: ErasureWorld, actor: string, request_id: string): Promise<void> {
  const { drained_at = "" } = (await world.requests.read(request_id)) ?? {};
  if (world.bug === "no drain") return world.waitUntil(drained_at);
  const before = [...world.living];
  const isOver = () => before.every(([id]) => !world.living.has(id));
  const lives = before.map(([, name]) => `life of ${name}`);
  await world.step(
    actor,
    "drained",
    { reads: lives, writes: ["time", ...(world.isBrief ? BRIEF : [])] },
    isOver,
  );
  world.waitUntil(drained_at);
}

/** A branch of `EraseStores`: count, erase, verify, and again while something is found. */
async function eraseBranch(
  world: ErasureWorld,
  actor: string,
  request_id: string,
  eraser: Eraser,
  isPart: boolean,
): Promise<Branch> {
  const stores = isPart
    ? storesFor(world, actor, eraser, request_id)
    : Object.fromEntries(storesOf(eraser).map((name) => [name, nothing]));
  const call = async (operation: EraseStoresInput["operation"], attempt: number): Promise<number> => {
    let remaining = 0;
    for (let from = 1, done = false; !done; ) {
      const output = await tried(() =>
        eraseStores(
          { request_id, eraser, operation, from, attempt },
          {
            requests: world.requests,
            holds: world.holds,
            stores: () => stores,
            peoplePerCall: 25,
            hasTime: () => true,
            clock: world.clock,
            report: () => undefined,
          },
        ),
      );
      remaining += output.remaining;
      ({ done, next: from } = output);
    }
    return remaining;
  };
  try {
    await call("count", 0);
    for (let attempt = 0; attempt < TRIES; attempt++) {
      await call("erase", attempt);
      if ((await call("verify", attempt)) === 0) return { eraser };
    }
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    return { eraser, error: error.name };
  }
  return { eraser, error: "ResidueError" };
}

/** As the machine retries a step. */
async function tried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (attempt === TRIES || !(error instanceof TransientError)) throw error;
    }
  }
}

function storesFor(
  world: ErasureWorld,
  actor: string,
  eraser: Eraser,
  requestId: string,
): Partial<Record<ErasableStoreName, PersonalStore>> {
  if (world.engines) return onEngines(world, actor, world.engines.personal[eraser]);
  switch (eraser) {
    case "cache":
      return cacheStore(world, actor);
    case "tables":
      return tableStores(world, actor);
    case "search":
      return searchStore(world, actor);
    case "objects":
      return objectStores(world, actor, requestId);
  }
}

/** The real stores: a call is one step, named as the simulated ones name theirs. */
function onEngines(
  world: ErasureWorld,
  actor: string,
  stores: Partial<Record<ErasableStoreName, PersonalStore>>,
): Partial<Record<ErasableStoreName, PersonalStore>> {
  return Object.fromEntries(
    Object.entries(stores).map(([name, store]) => [name, oneStepACall(world, actor, name, store)]),
  );
}
