import { ArnFormat, CfnOutput, Stack } from "aws-cdk-lib";
import { Grant, type IGrantable, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key, KeySpec, KeyUsage } from "aws-cdk-lib/aws-kms";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { DataBucket } from "../constructs/data-bucket.ts";
import { DataTable } from "../constructs/data-table.ts";
import { pascalCase, physicalName } from "../naming.ts";
import { TABLES, type TableName } from "./data-model.ts";

/** What outlives everything else: tables, bucket, the key of the hashes, and the keys they are under. */
export class DataStack extends Stack {
  readonly tables: Readonly<Record<TableName, DataTable>>;
  readonly bucket: DataBucket;
  /** Key of the keyed hashes: JSON, one field a key generation (`k1`). */
  readonly hashKeys: Secret;
  /** Signs receipts of erasures; whoever has its public half checks them without AWS. */
  readonly receiptKey: Key;
  /** Encrypts what is stored: tables, bucket, secrets, and the copies in cache and index. */
  readonly dataKey: Key;
  /** Encrypts what passes or is observed: queues, log groups, alarms. */
  readonly operationsKey: Key;

  constructor(scope: Construct, id: string, stage: StageConfig) {
    super(scope, id, { stackName: physicalName(stage, "data") });
    this.dataKey = new Key(this, "DataKey", {
      description: `Hilo ${stage.name}: tables, bucket and secrets`,
      enableKeyRotation: true,
      removalPolicy: stage.removal,
    });
    this.operationsKey = new Key(this, "OperationsKey", {
      description: `Hilo ${stage.name}: queues, log groups and alarms`,
      enableKeyRotation: true,
      removalPolicy: stage.removal,
    });
    this.receiptKey = new Key(this, "ReceiptKey", {
      description: `Hilo ${stage.name}: signs receipts of erasures`,
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      removalPolicy: stage.removal,
    });
    this.#allowLogsAndAlarms();

    const table = (logicalName: TableName) =>
      new DataTable(this, { stage, logicalName, shape: TABLES[logicalName], key: this.dataKey });
    this.tables = {
      "conversation-contexts": table("conversation-contexts"),
      "message-ids": table("message-ids"),
      "user-profiles": table("user-profiles"),
      conversations: table("conversations"),
      quarantine: table("quarantine"),
      "lake-days": table("lake-days"),
      "erasure-ledger": table("erasure-ledger"),
      "user-objects": table("user-objects"),
      "conversation-sessions": table("conversation-sessions"),
      identities: table("identities"),
      "erasure-subjects": table("erasure-subjects"),
    };
    this.bucket = new DataBucket(this, "Bucket", { stage, key: this.dataKey });
    this.hashKeys = new Secret(this, "HashKeys", {
      secretName: `hilo-${stage.name}/hash-keys`,
      description: "Keys of the keyed hashes of ids. A lost key unfences every erased person.",
      encryptionKey: this.dataKey,
      generateSecretString: {
        secretStringTemplate: "{}",
        generateStringKey: "k1",
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy: stage.removal,
    });
    acceptFinding(
      this.hashKeys,
      "AwsSolutions-SMG4",
      "a new hash key comes with the re-tagging of the ledger, a procedure; rotation by the clock would unfence people",
    );

    for (const [logicalName, { tableName }] of Object.entries(this.tables)) {
      new CfnOutput(this, `Table${pascalCase(logicalName)}`, { value: tableName });
    }
    // An output may not have the id of a construct: only its key in the template is `Bucket`.
    new CfnOutput(this, "BucketName", { value: this.bucket.bucket.bucketName }).overrideLogicalId("Bucket");
    new CfnOutput(this, "ReceiptKeyId", { value: this.receiptKey.keyId });
    new CfnOutput(this, "KeySecret", { value: this.hashKeys.secretArn });
  }

  /** Allows reading the keys of the hashes. Secret.grantRead would tie the key's policy to the grantee's stack. */
  grantHashKeys(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["secretsmanager:GetSecretValue"],
      resourceArns: [this.hashKeys.secretArn],
    });
    this.dataKey.grant(grantee, "kms:Decrypt");
  }

  /** Log groups and the alarms' topic are encrypted by the services that write to them. */
  #allowLogsAndAlarms(): void {
    const anyLogGroup = this.formatArn({
      service: "logs",
      resource: "log-group",
      resourceName: "*",
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.operationsKey.grantEncryptDecrypt(
      new ServicePrincipal(`logs.${this.region}.amazonaws.com`, {
        conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": anyLogGroup } },
      }),
    );
    this.operationsKey.grantEncryptDecrypt(new ServicePrincipal("cloudwatch.amazonaws.com"));
  }
}
