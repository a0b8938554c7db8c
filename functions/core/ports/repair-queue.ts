import type { RowKey } from "../domain/message.ts";

interface Repair {
  /** Hidden for so many seconds at first: what it is to see may not be written yet. @default 0 */
  readonly afterSeconds?: number;
}

/** One person's cached context that may differ from the rows. With `sort_key`: apply that row; without: drop it. */
export interface CacheRepair extends Repair {
  readonly user_id: string;
  readonly tag: string;
  readonly sort_key?: string;
}

/** One row whose search document may differ from it. */
export interface IndexRepair extends RowKey, Repair {
  readonly tag: string;
}

/** Where what lags goes until it is mended. A send that fails means the message is not acknowledged. */
export interface RepairQueue {
  refreshCache(repairs: readonly CacheRepair[]): Promise<void>;
  reindex(repairs: readonly IndexRepair[]): Promise<void>;
}
