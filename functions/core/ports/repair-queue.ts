import type { RowKey } from "../domain/message.ts";

/** One person's cached context that may differ from the rows. With `sort_key`: apply that row; without: drop it. */
export interface CacheRepair {
  readonly user_id: string;
  readonly tag: string;
  readonly sort_key?: string;
}

/** One row whose search document may differ from it. */
export interface IndexRepair extends RowKey {
  readonly tag: string;
}

/** Where what lags goes until it is mended. A send that fails means the message is not acknowledged. */
export interface RepairQueue {
  refreshCache(repairs: readonly CacheRepair[]): Promise<void>;
  reindex(repairs: readonly IndexRepair[]): Promise<void>;
}
