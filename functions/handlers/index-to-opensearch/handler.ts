import type { StateOutput } from "../../core/contracts/pipeline.ts";
import { parseStoredInput } from "../../core/contracts/pipeline-parsers.ts";
import type { IndexOutcome } from "../../core/domain/outcome.ts";
import { type IndexStoredDeps, indexStored } from "../../core/use-cases/index-stored.ts";

/** State `IndexToOpenSearch`. */
export const createIndexToOpenSearchHandler =
  (deps: IndexStoredDeps) =>
  (input: unknown): Promise<StateOutput<IndexOutcome>> =>
    indexStored(parseStoredInput(input), deps);
