import { Aws, RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  BillingMode,
  type GlobalSecondaryIndexProps,
  ProjectionType,
  Table,
  TableEncryption,
} from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";
import type { HiloFunction } from "./hilo-function.ts";

/** A global secondary index; all keys are strings. */
interface IndexShape {
  readonly name: string;
  readonly hash: string;
  readonly range: string;
  /** Attributes beside the keys: none, all, or the named ones. @default none */
  readonly project?: "all" | readonly string[];
}

/** A table as the data model describes it; all keys are strings. */
export interface TableShape {
  readonly hash: string;
  readonly range?: string;
  readonly indexes?: readonly IndexShape[];
  /** Whether items expire by their attribute `ttl` (epoch seconds). */
  readonly expires: boolean;
  /** Whether the table can be restored to any second of the last 35 days. @default true */
  readonly recoverable?: boolean;
}

export interface DataTableProps {
  readonly stage: StageConfig;
  readonly logicalName: string;
  readonly shape: TableShape;
  readonly key: IKey;
}

/** Actions on items that a function may be granted. Deleting is the erasers' alone. */
export type ItemAction =
  | "BatchGetItem"
  | "BatchWriteItem"
  | "ConditionCheckItem"
  | "DeleteItem"
  | "GetItem"
  | "PartiQLDelete"
  | "PartiQLUpdate"
  | "PutItem"
  | "Query"
  | "UpdateItem";

/** An on-demand table under our key, with point-in-time recovery and grants of single actions. */
export class DataTable extends Table {
  readonly logicalName: string;
  readonly physicalTableName: string;
  readonly #key: IKey;

  constructor(scope: Construct, props: DataTableProps) {
    const { stage, logicalName, shape, key } = props;
    super(scope, pascalCase(logicalName), {
      tableName: physicalName(stage, logicalName),
      partitionKey: { name: shape.hash, type: AttributeType.STRING },
      ...(shape.range === undefined ? {} : { sortKey: { name: shape.range, type: AttributeType.STRING } }),
      ...(shape.expires ? { timeToLiveAttribute: "ttl" } : {}),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: shape.recoverable ?? true },
      deletionProtection: stage.removal === RemovalPolicy.RETAIN,
      removalPolicy: stage.removal,
    });
    this.logicalName = logicalName;
    this.physicalTableName = physicalName(stage, logicalName);
    this.#key = key;
    if (shape.recoverable === false) {
      acceptFinding(
        this,
        "AwsSolutions-DDB3",
        "its items must not outlive their deletion: it can be made again",
      );
    }
    for (const index of shape.indexes ?? []) this.addGlobalSecondaryIndex(indexProps(index));
  }

  /** Allows exactly these actions on the table's items (not on its indexes), and the use of its key. */
  grantItems(grantee: IGrantable, ...actions: readonly ItemAction[]): void {
    if (actions.length === 0) return;
    // Table.grant would add every index by a wildcard.
    Grant.addToPrincipal({
      grantee,
      actions: actions.map((action) => `dynamodb:${action}`),
      resourceArns: [this.tableArn],
    });
    this.#grantKey(grantee, actions);
  }

  /** Allows reading one index by its keys, and the use of the table's key. */
  grantIndexQuery(grantee: IGrantable, indexName: string): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:Query"],
      resourceArns: [`${this.tableArn}/index/${indexName}`],
    });
    this.#grantKey(grantee, ["Query"]);
  }

  /** Allows asking for an export of the whole table to S3, and how far it is. */
  grantExport(grantee: HiloFunction): void {
    // By name, so that the finding below has one.
    const arn = `arn:${Aws.PARTITION}:dynamodb:${Aws.REGION}:${Aws.ACCOUNT_ID}:table/${this.physicalTableName}`;
    Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:ExportTableToPointInTime"],
      resourceArns: [arn],
    });
    Grant.addToPrincipal({
      grantee,
      actions: ["dynamodb:DescribeExport"],
      resourceArns: [`${arn}/export/*`],
    });
    this.#grantKey(grantee, []);
    acceptFinding(
      grantee.executionRole,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:dynamodb:<AWS::Region>:<AWS::AccountId>:table/${this.physicalTableName}/export/*]`,
      "exports of this one table: DynamoDB names each when it begins",
    );
  }

  #grantKey(grantee: IGrantable, actions: readonly ItemAction[]): void {
    const reads: readonly ItemAction[] = ["BatchGetItem", "ConditionCheckItem", "GetItem", "Query"];
    const writes = actions.some((action) => !reads.includes(action));
    this.#key.grant(
      grantee,
      "kms:Decrypt",
      "kms:DescribeKey",
      ...(writes ? ["kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"] : []),
    );
  }
}

function indexProps(index: IndexShape): GlobalSecondaryIndexProps {
  const keys = {
    indexName: index.name,
    partitionKey: { name: index.hash, type: AttributeType.STRING },
    sortKey: { name: index.range, type: AttributeType.STRING },
  };
  if (index.project === undefined) return { ...keys, projectionType: ProjectionType.KEYS_ONLY };
  if (index.project === "all") return { ...keys, projectionType: ProjectionType.ALL };
  return { ...keys, projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...index.project] };
}
