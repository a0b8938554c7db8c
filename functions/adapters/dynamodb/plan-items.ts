import type { StoredMessage } from "../../core/domain/message.ts";
import type { MessageRecord } from "../../core/domain/message-record.ts";
import type { UserPlan, Write } from "../../core/domain/user-batch.ts";
import type { Item } from "./call.ts";
import { recordItem } from "./record-item.ts";
import { rowItem } from "./row-item.ts";
import { conversationItem, profileItem } from "./summary-items.ts";
import type { MessageTables } from "./tables.ts";
import type { TransactItem } from "./transact.ts";

type Condition = Pick<NonNullable<TransactItem["Put"]>, "ConditionExpression" | "ExpressionAttributeValues">;

/** The puts of a plan, each only onto what the plan was made from. */
export function planItems(plan: UserPlan, tables: MessageTables, now: Date): TransactItem[] {
  const put = (table: string, item: Item, condition: Condition): TransactItem => ({
    Put: { TableName: table, Item: item, ...condition },
  });
  const { rows, records, conversations, profile } = plan;
  return [
    ...rows.map((write) => put(tables.contexts, rowItem(write.next, now), onRevision(write))),
    ...records.map((write) => put(tables.messageIds, recordItem(write.next, now), onRecord(write))),
    ...conversations.map((write) =>
      put(tables.conversations, conversationItem(write.next), onVersion(write)),
    ),
    ...(profile ? [put(tables.profiles, profileItem(profile.next), onVersion(profile))] : []),
  ];
}

/** Onto nothing, or onto what an erased generation left. */
const onNothing = (generation: number): Condition => ({
  ConditionExpression: "attribute_not_exists(user_id) OR generation < :generation",
  ExpressionAttributeValues: { ":generation": generation },
});

function onRevision({ next, previous }: Write<StoredMessage>): Condition {
  if (previous === undefined) return onNothing(next.generation);
  return {
    ConditionExpression: "revision = :revision AND generation = :generation",
    ExpressionAttributeValues: { ":revision": previous.revision, ":generation": previous.generation },
  };
}

/** What waits for its message stays at revision 0, so its hash is compared as well. */
function onRecord({ next, previous }: Write<MessageRecord>): Condition {
  if (previous === undefined) return onNothing(next.generation);
  const hash = previous.pending === undefined ? previous.edit_hash : previous.pending.edit_hash;
  const sameHash = hash === undefined ? "attribute_not_exists(edit_hash)" : "edit_hash = :hash";
  return {
    ConditionExpression: `revision = :revision AND generation = :generation AND ${sameHash}`,
    ExpressionAttributeValues: {
      ":revision": previous.revision,
      ":generation": previous.generation,
      ...(hash !== undefined && { ":hash": hash }),
    },
  };
}

function onVersion({
  next,
  previous,
}: Write<{ readonly version: number; readonly generation: number }>): Condition {
  if (previous === undefined) return onNothing(next.generation);
  return {
    ConditionExpression: "version = :version AND generation = :generation",
    ExpressionAttributeValues: { ":version": previous.version, ":generation": previous.generation },
  };
}
