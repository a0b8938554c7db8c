import type { StateOutput } from "../../core/contracts/pipeline.ts";
import { parseStoreInput } from "../../core/contracts/pipeline-parsers.ts";
import type { CacheOutcome } from "../../core/domain/outcome.ts";
import type { ContextCache } from "../../core/ports/context-cache.ts";
import { storeInCache } from "../../core/use-cases/store-in-cache.ts";

/** State `StoreInCache`. */
export const createStoreInCacheHandler =
  ({ cache }: { readonly cache: ContextCache }) =>
  (input: unknown): Promise<StateOutput<CacheOutcome>> =>
    storeInCache(parseStoreInput(input), cache);
