/** Wrong on purpose: each is a bug that the simulation must find. They sit between use-cases and stores. */
export type ErasureBug =
  | "no fence in the cache fill"
  | "no If-Match"
  | "delete before refresh"
  | "first page only"
  | "prefix match of keys"
  | "tombstone inside OpenSearch as the only fence"
  | "exporter paused before commit and resumed after the receipt"
  | "every version but mine is deleted"
  | "index written after commit"
  | "analytics upsert"
  | "merge that re-adds a row the platform deleted"
  | "aliases fenced after the drain"
  | "restore without the fence"
  | "no drain"
  | "no last pass";
