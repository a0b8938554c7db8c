import { join } from "node:path";
import { Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { CfnJob } from "aws-cdk-lib/aws-glue";
import { Grant, type IGrantable, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import type { ObjectAction } from "../constructs/data-bucket.ts";
import { physicalName } from "../naming.ts";
import type { DataStack } from "./data-stack.ts";

const JOBS = join(import.meta.dirname, "..", "..", "glue-jobs");
const SCHEMAS = join(import.meta.dirname, "..", "..", "queries", "schema");

const READ: readonly ObjectAction[] = ["s3:GetObject"];
/** Spark writes below a temporary name, moves and deletes that: only where it stages. */
const STAGE: readonly ObjectAction[] = [
  "s3:GetObject",
  "s3:PutObject",
  "s3:DeleteObject",
  "s3:AbortMultipartUpload",
  "s3:ListMultipartUploadParts",
];

/** The jobs by their names; the folders are spelt with underscores. What each reads; all write to `staging/`. */
export const GLUE_JOBS = {
  "export-conversations": {
    description: "Writes days of Parquet from DynamoDB's own export to staging",
    reads: ["raw-exports/"],
    timeout: Duration.hours(2),
    workers: 4,
  },
  "daily-conversation-analytics": {
    description: "Writes a day's behaviour of users, and their patterns of the last 90 days, to staging",
    reads: ["conversations/", "analytics/user_behavior/"],
    timeout: Duration.hours(1),
    workers: 2,
  },
} as const;

/** The neutral schema that a job writes by; the other one's columns are its own. */
const SCHEMA_ARGUMENTS: Readonly<Partial<Record<string, string>>> = { "export-conversations": "messages" };

/**
 * The Glue jobs: Spark, without bookmarks, logging into groups of our own. A security configuration would have
 * Glue make log groups of other names that never expire; these are under our key all the same, and so is the bucket.
 */
export class LakeJobs extends Construct {
  readonly names: Readonly<Record<keyof typeof GLUE_JOBS, string>>;
  readonly #stage: StageConfig;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly data: DataStack },
  ) {
    super(scope, id);
    const { stage } = props;
    this.#stage = stage;
    const logPrefix = `/hilo/${stage.name}/glue`;
    // The names that Glue gives them below the prefix.
    const logs = ["error", "output"].map(
      (stream) =>
        new LogGroup(this, `Logs-${stream}`, {
          logGroupName: `${logPrefix}/${stream}`,
          retention: stage.logRetention,
          encryptionKey: props.data.operationsKey,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
    );
    const names = Object.keys(GLUE_JOBS) as (keyof typeof GLUE_JOBS)[];
    for (const name of names) this.#job(name, props.data, logPrefix, logs);
    this.names = {
      "export-conversations": this.#jobName("export-conversations"),
      "daily-conversation-analytics": this.#jobName("daily-conversation-analytics"),
    };
  }

  /** Allows starting the jobs and asking how they are. */
  grantRun(grantee: IGrantable): void {
    Grant.addToPrincipal({
      grantee,
      actions: ["glue:GetJobRun", "glue:StartJobRun"],
      resourceArns: Object.values(this.names).map((name) =>
        Stack.of(this).formatArn({ service: "glue", resource: "job", resourceName: name }),
      ),
    });
  }

  #jobName(name: keyof typeof GLUE_JOBS): string {
    return physicalName(this.#stage, name);
  }

  #job(name: keyof typeof GLUE_JOBS, data: DataStack, logPrefix: string, logs: readonly LogGroup[]): void {
    const { description, reads, timeout, workers } = GLUE_JOBS[name];
    const folder = join(JOBS, name.replaceAll("-", "_"));
    const script = new Asset(this, `${name}-script`, { path: join(folder, "job.py") });
    const modules = new Asset(this, `${name}-modules`, {
      path: folder,
      exclude: ["test_*", "conftest.py", "__pycache__", "*.pyc", ".pytest_cache", "*.md", "fixtures"],
    });
    const role = this.#role(name, data, logs);
    for (const prefix of reads)
      data.bucket.grantObjects(role, prefix, READ, `objects of the folder ${prefix}: a new one every day`);
    data.bucket.grantObjects(role, "staging/", STAGE, "what the job writes: Spark names the files");
    data.bucket.grantList(role, [...reads, "staging/"]);
    const schema = SCHEMA_ARGUMENTS[name];
    const schemaFile = schema && new Asset(this, `${name}-schema`, { path: join(SCHEMAS, `${schema}.json`) });
    for (const asset of [script, modules, ...(schemaFile ? [schemaFile] : [])]) {
      Grant.addToPrincipal({
        grantee: role,
        actions: ["s3:GetObject"],
        resourceArns: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
      });
    }

    const job = new CfnJob(this, name, {
      name: this.#jobName(name),
      description,
      role: role.roleArn,
      glueVersion: "5.1",
      workerType: "G.1X",
      numberOfWorkers: workers,
      timeout: timeout.toMinutes(),
      // The state machine tries again; a second run of one start would stage the same twice.
      maxRetries: 0,
      executionProperty: { maxConcurrentRuns: 2 },
      command: { name: "glueetl", pythonVersion: "3", scriptLocation: script.s3ObjectUrl },
      defaultArguments: {
        "--extra-py-files": modules.s3ObjectUrl,
        ...(schemaFile ? { "--schema-path": schemaFile.s3ObjectUrl } : {}),
        "--job-bookmark-option": "job-bookmark-disable",
        "--custom-logGroup-prefix": logPrefix,
        "--enable-metrics": "true",
        "--enable-observability-metrics": "true",
        "--TempDir": `s3://${data.bucket.bucket.bucketName}/staging/tmp/`,
      },
    });
    acceptFinding(
      job,
      "AwsSolutions-GL1",
      "logs go to groups of the stage, created under our key with a retention; those of a security configuration never expire",
    );
    acceptFinding(job, "AwsSolutions-GL3", "bookmarks are off: nothing of them is stored");
  }

  #role(name: keyof typeof GLUE_JOBS, data: DataStack, logs: readonly LogGroup[]): Role {
    const role = new Role(this, `${name}-role`, {
      roleName: `${this.#jobName(name)}-${Aws.REGION}`,
      assumedBy: new ServicePrincipal("glue.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
      }),
    });
    for (const group of logs) group.grantWrite(role);
    role.addToPolicy(
      new PolicyStatement({
        sid: "OwnMetrics",
        actions: ["cloudwatch:PutMetricData"],
        resources: ["*"],
        conditions: { StringEquals: { "cloudwatch:namespace": "Glue" } },
      }),
    );
    data.dataKey.grant(role, "kms:Decrypt");
    acceptFinding(
      role,
      "AwsSolutions-IAM5[Resource::*]",
      "cloudwatch:PutMetricData takes no resource; its namespace is named",
    );
    return role;
  }
}
