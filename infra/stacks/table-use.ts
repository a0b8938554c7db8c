import type { ItemAction } from "../constructs/data-table.ts";
import type { HiloFunction } from "../constructs/hilo-function.ts";
import { upperSnakeCase } from "../naming.ts";
import type { TableName } from "./data-model.ts";
import type { DataStack } from "./data-stack.ts";

/** What a function may do with the items of each table it names; nothing where it only knows the name. */
export type TableUse = Partial<Record<TableName, readonly ItemAction[]>>;

const entries = (use: TableUse) => Object.entries(use) as [TableName, readonly ItemAction[]][];

/** `CONVERSATION_CONTEXTS_TABLE` and so on, for the tables that a function touches. */
export function tableVariables(data: DataStack, use: TableUse): Record<string, string> {
  return Object.fromEntries(
    entries(use).map(([table]) => [`${upperSnakeCase(table)}_TABLE`, data.tables[table].tableName]),
  );
}

/** Grants a function what it does with its tables. */
export function grantTables(data: DataStack, grantee: HiloFunction, use: TableUse): void {
  for (const [table, actions] of entries(use)) data.tables[table].grantItems(grantee, ...actions);
}
