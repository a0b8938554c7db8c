import type { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import type { ObjectAction } from "../constructs/data-bucket.ts";
import { HiloFunction, type Placement } from "../constructs/hilo-function.ts";
import type { TableName } from "./data-model.ts";
import type { DataStack } from "./data-stack.ts";
import { grantTables, type TableUse, tableVariables } from "./table-use.ts";

/** What a function is, touches and may do. */
export interface FunctionShape {
  readonly timeout: Duration;
  readonly memoryMb?: number;
  readonly tables: TableUse;
  /** Actions on objects, by folder. */
  readonly objects?: Readonly<Record<string, readonly ObjectAction[]>>;
  /** Folders whose versions and unfinished uploads it lists. */
  readonly versionsOf?: readonly string[];
  /** With `KEY_SECRET_ID` it may read the keys of the hashes. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files beside its code: their paths by their names there. */
  readonly files?: Readonly<Record<string, string>>;
  /** Indexes it queries. */
  readonly indexes?: readonly (readonly [TableName, string])[];
  readonly placement?: Placement;
  /** What else it is granted. */
  readonly grant?: (created: HiloFunction) => void;
}

/** Creates functions in a stack by their names and shapes. */
export const functionCreator =
  (scope: Construct, { stage, data }: { readonly stage: StageConfig; readonly data: DataStack }) =>
  (name: string, shape: FunctionShape): HiloFunction => {
    const created = new HiloFunction(scope, {
      stage,
      name,
      timeout: shape.timeout,
      logKey: data.operationsKey,
      environment: { ...tableVariables(data, shape.tables), ...shape.environment },
      ...(shape.memoryMb === undefined ? {} : { memoryMb: shape.memoryMb }),
      ...(shape.files === undefined ? {} : { files: shape.files }),
      ...(shape.placement === undefined ? {} : { placement: shape.placement }),
    });
    grantTables(data, created, shape.tables);
    for (const [table, index] of shape.indexes ?? []) data.tables[table].grantIndexQuery(created, index);
    if (shape.environment !== undefined && "KEY_SECRET_ID" in shape.environment) data.grantHashKeys(created);
    const folders = Object.entries(shape.objects ?? {});
    for (const [prefix, actions] of folders) {
      const reason = `objects of the folder ${prefix}: days, of which there is a new one every day`;
      data.bucket.grantObjects(created.executionRole, prefix, actions, reason);
    }
    if (folders.length > 0) {
      const prefixes = folders.map(([prefix]) => prefix);
      data.bucket.grantList(created.executionRole, prefixes);
    }
    if (shape.versionsOf) data.bucket.grantListVersions(created.executionRole, shape.versionsOf);
    shape.grant?.(created);
    return created;
  };
