import { Aws, Duration } from "aws-cdk-lib";
import { Grant, PolicyStatement, type Role } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { bucketName, physicalName } from "../naming.ts";
import { lifecycleRules } from "./bucket-lifecycle.ts";
import type { HiloFunction } from "./hilo-function.ts";

export interface DataBucketProps {
  readonly stage: StageConfig;
  readonly key: IKey;
}

/** Folders that functions of the pipeline write to. */
export type WrittenPrefix = "quarantine/" | "tool-results/";

/** What a role may be allowed to do with objects. Deleting versions is the erasers' alone. */
export type ObjectAction =
  | "s3:AbortMultipartUpload"
  | "s3:DeleteObject"
  | "s3:DeleteObjectVersion"
  | "s3:GetObject"
  | "s3:GetObjectVersion"
  | "s3:ListMultipartUploadParts"
  | "s3:PutObject"
  | "s3:PutObjectAcl";

/** The bucket of the stage, versioned and under our key, and the bucket of its access logs. */
export class DataBucket extends Construct {
  readonly bucket: Bucket;
  readonly #stage: StageConfig;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, props: DataBucketProps) {
    super(scope, id);
    const { stage, key } = props;
    this.#stage = stage;
    this.#key = key;
    const closed = {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      removalPolicy: stage.removal,
    };
    const accessLogs = new Bucket(this, "AccessLogs", {
      ...closed,
      bucketName: bucketName(stage, "access-logs"),
      // S3 delivers access logs under its own keys or ours; object keys carry no personal data.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ id: "expire", expiration: Duration.days(90) }],
    });
    this.bucket = new Bucket(this, "Data", {
      ...closed,
      bucketName: bucketName(stage, "data"),
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      // One data key for many objects: without it each object costs a call to KMS.
      bucketKeyEnabled: true,
      // The library's types are not exact about optional properties.
      serverAccessLogsBucket: accessLogs as IBucket,
      serverAccessLogsPrefix: "data/",
      lifecycleRules: lifecycleRules(),
    });
  }

  /** Allows writing new objects in one folder, and nothing else. */
  grantPut(grantee: HiloFunction, prefix: WrittenPrefix): void {
    this.grantObjects(
      grantee.executionRole,
      prefix,
      ["s3:PutObject"],
      `new objects of the folder ${prefix}: their names are made when they are written`,
    );
  }

  /**
   * Allows these actions on the objects of one folder, and the use of the bucket's key for them.
   * @param reason why a whole folder
   */
  grantObjects(role: Role, prefix: string, actions: readonly ObjectAction[], reason: string): void {
    const name = bucketName(this.#stage, "data");
    Grant.addToPrincipal({
      grantee: role,
      actions: [...actions],
      // By name: the bucket's attribute would be an export between stacks.
      resourceArns: [`arn:${Aws.PARTITION}:s3:::${name}/${prefix}*`],
    });
    const writes = actions.includes("s3:PutObject");
    this.#key.grant(role, "kms:Decrypt", ...(writes ? ["kms:GenerateDataKey"] : []));
    acceptFinding(
      role,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:s3:::${physicalName(this.#stage, "data")}-<AWS::AccountId>-<AWS::Region>/${prefix}*]`,
      reason,
    );
  }

  /**
   * Allows listing the objects of these folders. It is also what makes S3 say "not found" instead of "forbidden" of an
   * object that is not there: that request names no folder, so the condition holds where none is named. Keys carry
   * no personal data. Some clients ask for a folder without its slash.
   */
  grantList(role: Role, prefixes: readonly string[]): void {
    this.#grantListing(role, prefixes, ["s3:ListBucket"]);
  }

  /** Allows listing versions and unfinished uploads of the objects of these folders, too. */
  grantListVersions(role: Role, prefixes: readonly string[]): void {
    this.#grantListing(role, prefixes, ["s3:ListBucketMultipartUploads", "s3:ListBucketVersions"]);
  }

  /** Allows listing all unfinished uploads of the bucket: a key says nothing of a person. */
  grantListUploads(role: Role): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ["s3:ListBucketMultipartUploads"],
        resources: [`arn:${Aws.PARTITION}:s3:::${bucketName(this.#stage, "data")}`],
      }),
    );
  }

  #grantListing(role: Role, prefixes: readonly string[], actions: string[]): void {
    role.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [`arn:${Aws.PARTITION}:s3:::${bucketName(this.#stage, "data")}`],
        conditions: {
          StringLikeIfExists: {
            "s3:prefix": prefixes.flatMap((prefix) => [prefix.replace(/\/$/, ""), `${prefix}*`]),
          },
        },
      }),
    );
  }
}
