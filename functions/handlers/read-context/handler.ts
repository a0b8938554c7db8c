import { parse } from "../../core/contracts/pipeline-parsers.ts";
import { readContextSchema } from "../../core/contracts/repair.ts";
import { type ReadContextDeps, type RecentContext, readContext } from "../../core/use-cases/read-context.ts";

/** Function `read-context`: `{user_id, tag, limit}` to the person's recent messages, newest first. */
export const createReadContextHandler =
  (deps: ReadContextDeps) =>
  async (input: unknown): Promise<RecentContext> => {
    const { limit, ...person } = parse(readContextSchema, input);
    return readContext(person, limit, deps);
  };
