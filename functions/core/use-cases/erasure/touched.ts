import type { TouchedObjects } from "./object-deps.ts";

/** Remembers keys before they are touched, each once. */
export async function rememberNew(keys: readonly string[], work: TouchedObjects): Promise<void> {
  if (keys.length === 0) return;
  const known = new Set(await work.remembered());
  const unknown = keys.filter((key) => !known.has(key));
  if (unknown.length > 0) await work.remember(unknown);
}
