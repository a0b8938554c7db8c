import type { HiloFunction, Placement } from "./constructs/hilo-function.ts";

/** How functions reach the cache, whoever runs it. */
export interface CacheAccess {
  /** `REDIS_…` variables of a function that touches the cache. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where such a function must run; nowhere in particular for a given endpoint. */
  readonly placement?: Placement;
  readonly url: string;
  /** Allows a function to connect. */
  grantConnect(target: HiloFunction): void;
  /** As who looks through all keys of a restored cache. */
  readonly restorer: Omit<CacheAccess, "restorer">;
}

/** How functions reach the search engine, whoever runs it. */
export interface SearchAccess {
  /** `OPENSEARCH_…` variables of a function that touches the index. */
  readonly environment: Readonly<Record<string, string>>;
  readonly url: string;
  /** Allows a function to index in bulk; which indexes, the domain's own roles say. */
  grantBulk(target: HiloFunction): void;
  /** Allows reading documents and refreshing, too. */
  grantRepair(target: HiloFunction): void;
  /** Allows reading and deleting by query in every month, and refreshing; indexing nothing. */
  grantErase(target: HiloFunction): void;
  /** Allows counting and reading in every month, and refreshing. */
  grantRead(target: HiloFunction): void;
}

/** A cache that is given: no network, no permission. */
export function givenCache(url: string): CacheAccess {
  const access = { environment: { REDIS_URL: url, REDIS_AUTH: "none" }, url, grantConnect: () => undefined };
  return { ...access, restorer: access };
}

/** A search engine that is given: no permission. */
export function givenSearch(url: string): SearchAccess {
  return {
    environment: { OPENSEARCH_URL: url, OPENSEARCH_AUTH: "none" },
    url,
    grantBulk: () => undefined,
    grantRepair: () => undefined,
    grantErase: () => undefined,
    grantRead: () => undefined,
  };
}
