import type { StateOutput, StoreInput } from "../contracts/pipeline.ts";
import type { CacheOutcome } from "../domain/outcome.ts";
import type { ContextCache } from "../ports/context-cache.ts";

/** `StoreInCache`: a message becomes part of its person's recent context, an edit or a deletion drops it. */
export async function storeInCache(
  { messages }: StoreInput,
  cache: ContextCache,
): Promise<StateOutput<CacheOutcome>> {
  const outcomes = await cache.write(
    messages.map((message) => ({
      tag: message.tag,
      generation: message.generation,
      kind: message.kind,
      message: { ...message, revision: 1 },
    })),
  );
  return { outcomes };
}
