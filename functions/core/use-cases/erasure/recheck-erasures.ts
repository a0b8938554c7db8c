import type { RecheckedErasures } from "../../contracts/user-erasure.ts";
import type { Clock } from "../../domain/clock.ts";
import { DAY_MS } from "../../domain/day.ts";
import type { ErasureExecutions } from "../../ports/erasure-executions.ts";
import type { ErasureRequest, ErasureRequests } from "../../ports/erasure-requests.ts";
import type { LegalHolds } from "../../ports/legal-holds.ts";
import { currentTagsOf, heldAmong, type TagChain } from "./person-tags.ts";

export interface RecheckErasuresDeps {
  readonly requests: Pick<ErasureRequests, "open" | "update" | "subjects" | "people" | "forgetSubjects">;
  readonly holds: Pick<LegalHolds, "held">;
  readonly executions: ErasureExecutions;
  readonly keys: Pick<TagChain, "tags">;
  readonly clock: Clock;
  /** Told why a request could not be looked at. */
  readonly report: (requestId: string, error: unknown) => void;
}

/** What is to be done for a request. */
type Step = "expire" | "resume" | "recheck" | "none";

/**
 * The daily look at all open requests: starts the check of those that are completed; goes on with those that failed,
 * stopped, or are held no longer; removes the raw ids of plans that nobody approved. One request's trouble is reported and
 * counted, and keeps no other.
 * @throws TransientError | PermanentError when no request can be looked at
 */
export async function recheckErasures(deps: RecheckErasuresDeps): Promise<RecheckedErasures> {
  const now = deps.clock().toISOString();
  const [open, running] = [await deps.requests.open(), await deps.executions.running()];
  const done: Record<Step, number> = { expire: 0, resume: 0, recheck: 0, none: 0 };
  let failed = 0;
  for (const request of open) {
    try {
      const step = running.has(request.request_id) ? "none" : await stepFor(request, now, deps);
      await take(step, request, deps);
      done[step] += 1;
    } catch (error) {
      failed += 1;
      deps.report(request.request_id, error);
    }
  }
  const waiting = open.filter(({ status }) => status === "waiting");
  const isOverdue = ({ status }: ErasureRequest): boolean =>
    status !== "completed" && status !== "closed" && status !== "waiting";
  return {
    rechecks: done.recheck,
    resumed: done.resume,
    expired: done.expire,
    failed,
    waiting: waiting.length,
    oldestOpenDays: oldest(open.filter(isOverdue), now),
    oldestWaitingDays: oldest(waiting, now),
  };
}

async function stepFor(request: ErasureRequest, now: string, deps: RecheckErasuresDeps): Promise<Step> {
  switch (request.status) {
    case "planning":
    case "planned":
      return request.expires_at <= now ? "expire" : "none";
    case "waiting":
      return waitingStep(request, deps);
    case "completed":
      return "recheck";
    case "closed":
      return "none";
    default:
      return "resume";
  }
}

/** Resumed when somebody is held no longer; until then those who are erased are looked at like others. */
async function waitingStep(
  { request_id, people: number }: ErasureRequest,
  { requests, holds, keys }: RecheckErasuresDeps,
): Promise<Step> {
  const states = await requests.people(request_id, 1, number + 1);
  const waiting = new Set(states.filter(({ status }) => status === "held").map(({ person }) => person));
  const subjects = (await requests.subjects(request_id)).filter(({ person }) => waiting.has(person));
  const held = await heldAmong(
    subjects.map((subject) => currentTagsOf(subject, keys)),
    holds,
  );
  if (held.size < waiting.size) return "resume";
  return states.some(({ status }) => status === "completed") ? "recheck" : "none";
}

async function take(
  step: Step,
  { request_id, status, attempts }: ErasureRequest,
  { requests, executions }: RecheckErasuresDeps,
): Promise<void> {
  if (step === "none") return;
  if (step === "expire") {
    // Closed first: from then on nobody can approve it.
    if (await requests.update(request_id, [status], { status: "closed" }))
      await requests.forgetSubjects(request_id);
    return;
  }
  // Written down first: a name that was used and forgotten could not be used again.
  const attempt = attempts + 1;
  if (!(await requests.update(request_id, [status], { attempts: attempt }))) return;
  await executions.start({ request_id, ...(step === "recheck" && { recheck: true }) }, attempt);
}

const oldest = (requests: readonly ErasureRequest[], now: string): number =>
  Math.max(
    0,
    ...requests.map(({ created_at }) => Math.floor((Date.parse(now) - Date.parse(created_at)) / DAY_MS)),
  );
