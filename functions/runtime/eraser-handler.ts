import type { Context } from "aws-lambda";
import { parse } from "../core/contracts/pipeline-parsers.ts";
import { type EraseStoresOutput, eraseStoresSchema } from "../core/contracts/user-erasure.ts";
import type { Clock } from "../core/domain/clock.ts";
import { type EraseStoresDeps, eraseStores } from "../core/use-cases/erasure/erase-stores.ts";
import type { Log } from "./logger.ts";
import { keepPrivate } from "./private-failure.ts";

/** Time to write down what a group of people came to, and to answer. ms */
const RESERVE_MS = 90_000;

/** People whose items one call of a store takes; what is shared by more is erased for all of them at once instead. */
export const PEOPLE_PER_CALL = 25;

export interface EraserHandlerDeps extends Omit<EraseStoresDeps, "hasTime" | "report"> {
  readonly clock: Clock;
  readonly log: Log;
}

/** Functions `erase-cache`, `erase-tables`, `erase-search`, `erase-objects`: one step for the stores of one eraser. */
export const createEraserHandler =
  ({ log, ...deps }: EraserHandlerDeps) =>
  async (input: unknown, context: Pick<Context, "getRemainingTimeInMillis">): Promise<EraseStoresOutput> => {
    const wanted = parse(eraseStoresSchema, input);
    const { request_id, eraser, operation, from } = wanted;
    const step = { request_id, eraser, operation, from };
    return keepPrivate(log, "step of an erasure failed", step, async () => {
      const output = await eraseStores(wanted, {
        ...deps,
        hasTime: () => context.getRemainingTimeInMillis() > RESERVE_MS,
        report: (store, error) => log.error("store failed", error, { ...step, store }),
      });
      const { done, next, remaining, attempt } = output;
      log.info("step of an erasure done", { ...step, done, next, remaining, attempt });
      return output;
    });
  };
