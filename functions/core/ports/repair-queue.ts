import type { RowKey } from "../domain/message.ts";

/** One person's cached context that may differ from the rows. With `sort_key`: apply that row; without: drop it. */
export interface CacheRepair {
  readonly user_id: string;
  readonly tag: string;
  readonly sort_key?: string;
}

/** Where what lags goes until it is mended. A send that fails means the message is not acknowledged. */
export interface RepairQueue {
  refreshCache(repairs: readonly CacheRepair[]): Promise<void>;
  reindex(rows: readonly RowKey[]): Promise<void>;
}
