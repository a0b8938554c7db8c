import { z } from "zod";
import { TAG_PATTERN } from "../domain/key-chain.ts";

const sortKey = z.string().min(1).max(1024);
const userId = z.string().min(1).max(256);

const tag = z.string().regex(TAG_PATTERN, "must be the person's tag");

/** One message of the queue `refresh-cache`. */
export const cacheRepairSchema = z.object({
  user_id: userId,
  tag,
  sort_key: sortKey.exactOptional(),
});

/** One message of the queue `repair-index`. */
export const indexRepairSchema = z.object({ user_id: userId, tag, sort_key: sortKey });

/** Input of the function `read-context`. */
export const readContextSchema = z.object({
  user_id: userId,
  tag,
  limit: z.int().min(1).max(1000).default(20),
});
