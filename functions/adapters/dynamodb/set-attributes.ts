import type { Item } from "./call.ts";

/** Parts of an update that set top-level attributes, whatever they are called. */
export interface SetAttributes {
  /** `#a0 = :a0, …`, for after SET; empty where there are none. */
  readonly sets: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Item;
}

/** Sets each attribute that has a value. */
export function setAttributes(attributes: Item): SetAttributes {
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    sets: entries.map((_, index) => `#a${index} = :a${index}`).join(", "),
    names: Object.fromEntries(entries.map(([name], index) => [`#a${index}`, name])),
    values: Object.fromEntries(entries.map(([, value], index) => [`:a${index}`, value])),
  };
}
