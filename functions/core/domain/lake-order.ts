import { compareUtf8 } from "./key-order.ts";
import type { LakeRow } from "./lake-row.ts";

/** What names a row in the lake, in the order that it is sorted by. */
export type LakeKey = Pick<LakeRow, "user_id" | "timestamp" | "message_id">;

/** The order of the lake: UTF-8 bytes of the user id, time, UTF-8 bytes of the message id. Allocates nothing. */
export const compareLakeKeys = (a: LakeKey, b: LakeKey): number =>
  compareUtf8(a.user_id, b.user_id) || a.timestamp - b.timestamp || compareUtf8(a.message_id, b.message_id);

/** Which of two rows under one key is the later state: generation, then revision. */
export const compareStates = (
  a: Pick<LakeRow, "generation" | "revision">,
  b: Pick<LakeRow, "generation" | "revision">,
): number => compareIntegers(a.generation, b.generation) || compareIntegers(a.revision, b.revision);

const compareIntegers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
