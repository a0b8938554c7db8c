import { PermanentError } from "../../core/domain/errors.ts";
import type { Fence } from "../../core/domain/fence.ts";
import type { Item } from "./call.ts";

/**
 * The fence an item of the ledger holds.
 * @throws PermanentError when it is not one: a ledger that cannot be understood lets nothing through
 */
export function fenceOf(item: Item, table: string): Fence {
  const { generation, fenced_at } = item;
  if (!Number.isSafeInteger(generation) || typeof fenced_at !== "string") {
    throw new PermanentError(
      `DynamoDB ${table}: an entry without generation or fenced_at: restore the ledger before anything is written`,
    );
  }
  return { generation: Number(generation), fenced_at };
}
