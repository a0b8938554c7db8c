import { randomBytes } from "node:crypto";
import { userIdSchema } from "../../contracts/message-schema.ts";
import type { Clock } from "../../domain/clock.ts";
import { DAY_MS } from "../../domain/day.ts";
import { type ErasureSubject, PLAN_DAYS } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import type { ErasureRequests } from "../../ports/erasure-requests.ts";

/** Whose erasure is asked for, and what is decided about ids that were somebody else's, too. */
export interface WantedErasure {
  /** Ids, one a person; those of one person are found by their links. */
  readonly userIds: readonly string[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Who asks: an ARN or a name. */
  readonly actor: string;
}

export interface RequestErasureDeps {
  readonly requests: Pick<ErasureRequests, "create">;
  readonly clock: Clock;
  /** @default six random bytes */
  readonly unique?: () => string;
}

/** A request's id: when it was made, and something that no other has. */
const newRequestId = (now: Date, unique: string): string =>
  `er-${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}-${unique}`;

/**
 * Opens a request that `erasure-plan` then counts. Its raw ids expire with it, unless it is approved.
 * @returns its id @throws PermanentError that says which of the ids (by its place) is none
 */
export async function requestErasure(
  { userIds, include = [], exclude = [], actor }: WantedErasure,
  { requests, clock, unique = () => randomBytes(6).toString("hex") }: RequestErasureDeps,
): Promise<string> {
  const ids = [...new Set(userIds)];
  if (ids.length === 0) throw new PermanentError("An erasure needs at least one user id");
  for (const [index, id] of [...ids, ...include, ...exclude].entries()) checkUserId(id, index + 1);
  const now = clock();
  const requestId = newRequestId(now, unique());
  await requests.create(
    {
      request_id: requestId,
      status: "planning",
      people: ids.length,
      created_at: now.toISOString(),
      planned_by: actor,
      expires_at: new Date(now.getTime() + PLAN_DAYS * DAY_MS).toISOString(),
      attempts: 0,
      held: 0,
      stores: {},
    },
    ids.map(
      (id, index): ErasureSubject => ({
        person: index + 1,
        user_ids: [id],
        ...(include.length > 0 && { include }),
        ...(exclude.length > 0 && { exclude }),
      }),
    ),
  );
  return requestId;
}

function checkUserId(id: string, place: number): void {
  if (!userIdSchema.safeParse(id).success) {
    throw new PermanentError(
      `User id ${place} is none: it must be <channel>:<id>, such as whatsapp:+1234567890, of 256 bytes at most and without control characters`,
    );
  }
}
