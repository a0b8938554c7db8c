import type { ErasureExecutions } from "../../ports/erasure-executions.ts";
import type { ErasureRequests } from "../../ports/erasure-requests.ts";
import type { FenceHistory, SetFence } from "../../ports/fences.ts";
import type { Identities, IdentityLink } from "../../ports/identities.ts";
import type { TagChain } from "./person-tags.ts";
import type { WantedErasure } from "./request-erasure.ts";
import { resolveFurther } from "./resolve-people.ts";

export interface LinkIdentityDeps {
  readonly identities: Identities;
  readonly fences: FenceHistory;
  readonly requests: Pick<ErasureRequests, "read" | "update">;
  readonly executions: ErasureExecutions;
  readonly keys: Pick<TagChain, "tag">;
  /** Opens a request whose plan waits for an approval, as the function `request-erasure` does. @returns its id */
  readonly plan: (wanted: WantedErasure) => Promise<string>;
}

/** What a link led to. Ids of requests only. */
export interface LinkedIdentity {
  /** The id belongs to more than one person, such as a number that was passed on: a person must decide what it means. */
  readonly isAmbiguous: boolean;
  /** Requests that are open again: they fence and erase what the link adds to an erased person. */
  readonly reopened: readonly string[];
  /** New requests for the same, where the old one's raw ids are gone. They wait for approval. */
  readonly planned: readonly string[];
}

/**
 * Links an id to a person. Where the link began before an erasure of that person, under any of their ids, the erasure did
 * not know of everything: its request is opened again, and fences and erases what is new. A link that began after the
 * fence is of the person's next life, and one that is ambiguous leads nowhere: both change no request. Harmless to repeat;
 * what fails after the link was written, the daily look at open requests finds, too.
 * @throws TransientError | PermanentError
 */
export async function linkIdentity(link: IdentityLink, deps: LinkIdentityDeps): Promise<LinkedIdentity> {
  const { identities, fences, keys } = deps;
  await identities.link(link);
  const [owners, own] = [await identities.ofAlias(link.alias), await identities.ofPerson(link.person_id)];
  const isAmbiguous = new Set(owners.map(({ person_id }) => person_id)).size > 1;
  const ids = [...new Set([link.alias, ...own.map(({ alias }) => alias)])];
  const last = await fences.last(ids.map((id) => keys.tag(id)));

  const missed = new Map<string, Set<string>>();
  for (const id of ids) {
    const fence = last.get(keys.tag(id));
    if (fence === undefined) continue;
    for (const other of await unfencedOf(id, fence, deps)) {
      const found = missed.get(fence.requestId) ?? new Set();
      missed.set(fence.requestId, found.add(other));
    }
  }
  const outcomes = [...missed].map(([requestId, userIds]) => reopen(requestId, [...userIds], ids, deps));
  const settled = await Promise.all(outcomes);
  return {
    isAmbiguous,
    reopened: settled.flatMap(({ reopened }) => reopened ?? []),
    planned: settled.flatMap(({ planned }) => planned ?? []),
  };
}

/** Ids of the person that a fence on one of them should have met: linked by then, and not fenced by its request or since. */
async function unfencedOf(id: string, fence: SetFence, deps: LinkIdentityDeps): Promise<string[]> {
  const { fences, keys } = deps;
  const { user_ids: ids } = await resolveFurther({ person: 1, user_ids: [id] }, fence.fenced_at, deps);
  const last = await fences.last(ids.map((one) => keys.tag(one)));
  return ids.filter((one) => {
    const held = last.get(keys.tag(one));
    return held === undefined || (held.requestId !== fence.requestId && held.fenced_at < fence.fenced_at);
  });
}

async function reopen(
  requestId: string,
  userIds: readonly string[],
  known: readonly string[],
  { requests, executions, plan }: LinkIdentityDeps,
): Promise<{ readonly reopened?: string; readonly planned?: string }> {
  const request = await requests.read(requestId);
  if (request === undefined || request.status === "closed") {
    // What was fenced before is another life by now, and no part of this.
    const exclude = known.filter((id) => !userIds.includes(id));
    return { planned: await plan({ userIds, exclude, actor: `a link after ${requestId}` }) };
  }
  // Any other state leads to a look at the links, at the latest in the daily one.
  if (request.status !== "completed" || (await executions.running()).has(requestId))
    return { reopened: requestId };
  const attempt = request.attempts + 1;
  // Written down first: a name that was used and forgotten could not be used again.
  if (await requests.update(requestId, ["completed"], { attempts: attempt })) {
    await executions.start({ request_id: requestId, recheck: true }, attempt);
  }
  return { reopened: requestId };
}
