import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { erasureInputSchema, type FencedPeople } from "../../core/contracts/user-erasure.ts";
import { type FencePeopleDeps, fencePeople } from "../../core/use-cases/erasure/fence-people.ts";
import type { Log } from "../../runtime/logger.ts";
import { keepPrivate } from "../../runtime/private-failure.ts";

export interface FencePeopleHandlerDeps extends FencePeopleDeps {
  readonly log: Log;
}

/** Function `fence-people`, state `FencePeople`: from here on nothing older is written about these people. */
export const createFencePeopleHandler =
  ({ log, ...deps }: FencePeopleHandlerDeps) =>
  async (input: unknown): Promise<FencedPeople> => {
    const wanted = parse(erasureInputSchema, input);
    const { request_id } = wanted;
    return keepPrivate(log, "people not fenced", { request_id }, async () => {
      const fenced = await fencePeople(wanted, deps);
      log.info("people fenced", { ...fenced });
      return fenced;
    });
  };
