const DAY_SECONDS = 86_400;

/** A `ttl` attribute: epoch seconds, `days` after the latest of the moments (ISO 8601). */
export const expiryAfter = (days: number, ...moments: readonly string[]): number =>
  Math.floor(Math.max(...moments.map((moment) => Date.parse(moment))) / 1000) + days * DAY_SECONDS;

/** True when the item's `ttl` has passed: DynamoDB deletes it within two days, and reads show it until then. */
export const isExpired = (item: Readonly<Record<string, unknown>>, now: Date): boolean =>
  typeof item["ttl"] === "number" && item["ttl"] * 1000 < now.getTime();
