/** A value of a lake column: `bigint` for bigint columns, ms since 1970 (UTC) for timestamps and days since 1970 for dates. */
export type LakeValue = string | number | bigint | boolean | null;

/**
 * One message as the lake holds it, by the column names of `queries/schema/messages.json`. Every column is
 * there; what a file does not have is null.
 */
export interface LakeRow {
  readonly user_id: string;
  /** ms since 1970, UTC */
  readonly timestamp: number;
  readonly message_id: string;
  readonly revision: bigint;
  readonly generation: bigint;
  readonly [column: string]: LakeValue;
}
