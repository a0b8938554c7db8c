import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { type ContextComparison, compareContextsSchema } from "../../core/contracts/repair-day.ts";
import { type CompareContextsDeps, compareContexts } from "../../core/use-cases/compare-contexts.ts";
import type { Log } from "../../runtime/logger.ts";

/** Function `compare-contexts`: `{people: [{user_id, tag}]}` to how many contexts there are and were stale. */
export const createCompareContextsHandler =
  ({ log, ...deps }: CompareContextsDeps & { readonly log: Log }) =>
  async (input: unknown): Promise<ContextComparison> => {
    const { people } = parse(compareContextsSchema, input);
    try {
      return await compareContexts(people, deps);
    } catch (error) {
      log.error("contexts not compared", error, { people: people.length });
      throw error;
    }
  };
