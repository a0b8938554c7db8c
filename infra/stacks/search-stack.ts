import { Aws, type CfnElement, CustomResource, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { EbsDeviceVolumeType } from "aws-cdk-lib/aws-ec2";
import {
  AccountRootPrincipal,
  Effect,
  Grant,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { LogGroup, ResourcePolicy } from "aws-cdk-lib/aws-logs";
import { CfnDomain, Domain, EngineVersion, TLSSecurityPolicy } from "aws-cdk-lib/aws-opensearchservice";
import { Provider } from "aws-cdk-lib/custom-resources";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { ManagedSearch, StageConfig } from "../config.ts";
import { functionRoleName, HiloFunction } from "../constructs/hilo-function.ts";
import { physicalName } from "../naming.ts";
import type { SearchAccess } from "../store-access.ts";

/** Functions that write documents; the security role for it is mapped to their IAM roles. */
const WRITERS = ["index-to-opensearch", "repair-index"] as const;
/** Functions that also read and remove them. */
const REPAIRERS = ["repair-day"] as const;
/** Functions that remove people. */
const ERASERS = ["erase-search"] as const;
/** Functions that read what is held about a person. */
const READERS = ["preserve-held"] as const;

/** The alias, months that fell out of it, and both in one path: what an eraser names is matched as a whole. */
const MONTHS = "conversations*";
const READER_CALLS = [
  ["Get", "_mapping/field/user_id"],
  ["Post", "_refresh"],
  ["Post", "_search"],
] as const;
const ERASER_CALLS = [
  ...READER_CALLS,
  ["Get", "_stats/docs"],
  ["Post", "_delete_by_query"],
  ["Post", "_forcemerge"],
] as const;

export interface SearchStackProps {
  readonly stage: StageConfig;
  readonly shape: ManagedSearch;
  /** Encrypts the domain at rest. */
  readonly key: IKey;
  readonly logKey: IKey;
}

/**
 * The search domain, and the function that applies index templates and role mappings at each deployment. Its
 * role is the domain's only master; everyone else passes IAM and then fine-grained access control.
 */
export class SearchStack extends Stack {
  readonly access: SearchAccess;
  readonly #stage: StageConfig;

  constructor(scope: Construct, id: string, props: SearchStackProps) {
    const { stage, shape } = props;
    super(scope, id, { stackName: physicalName(stage, "search") });
    this.#stage = stage;

    const templates = new HiloFunction(this, {
      stage,
      name: "apply-search-templates",
      timeout: Duration.minutes(2),
      logKey: props.logKey,
      environment: {
        OPENSEARCH_AUTH: "iam",
        OPENSEARCH_WRITER_ROLES: WRITERS.map((name) => this.#roleArn(name)).join(","),
        OPENSEARCH_ERASER_ROLES: ERASERS.map((name) => this.#roleArn(name)).join(","),
        OPENSEARCH_READER_ROLES: READERS.map((name) => this.#roleArn(name)).join(","),
        OPENSEARCH_OPERATOR_ROLES: stage.operatorRoles.join(","),
        OPENSEARCH_REPAIRER_ROLES: REPAIRERS.map((name) => this.#roleArn(name)).join(","),
      },
    });
    const domain = this.#domain(props, templates.executionRole.roleArn);
    const url = `https://${domain.domainEndpoint}`;
    templates.addEnvironment("OPENSEARCH_URL", url);
    this.#grant(templates, "*", "Get", "Head", "Post", "Put");
    acceptFinding(
      templates.executionRole,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:es:<AWS::Region>:<AWS::AccountId>:domain/${this.#domainName}/*]`,
      "applies templates and role mappings, whose paths are many; methods are named, DELETE is none of them",
    );
    this.#runAtDeployment(templates, domain, props.logKey);

    this.access = {
      url,
      environment: { OPENSEARCH_URL: url, OPENSEARCH_AUTH: "iam" },
      grantBulk: (target: HiloFunction): void => this.#grant(target, "_bulk", "Post"),
      grantRepair: (target: HiloFunction): void => {
        for (const path of ["_bulk", "conversations/_search", "conversations/_refresh"])
          this.#grant(target, path, "Post");
      },
      grantErase: (target: HiloFunction): void => this.#grantMonths(target, ERASER_CALLS),
      grantRead: (target: HiloFunction): void => this.#grantMonths(target, READER_CALLS),
    };
    acceptSize(domain, shape);
  }

  #domain({ stage, shape, key, logKey }: SearchStackProps, masterUserArn: string): Domain {
    const logs = new LogGroup(this, "DomainLogs", {
      logGroupName: `/hilo/${stage.name}/search`,
      retention: stage.logRetention,
      encryptionKey: logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const delivery = new ResourcePolicy(this, "DomainLogDelivery", {
      resourcePolicyName: physicalName(stage, "search-logs"),
      policyStatements: [
        new PolicyStatement({
          principals: [new ServicePrincipal("es.amazonaws.com")],
          actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
          resources: [logs.logGroupArn],
          conditions: { StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID } },
        }),
      ],
    });
    const zones = shape.dataNodes > 1;
    const domain = new Domain(this, "Domain", {
      domainName: this.#domainName,
      version: EngineVersion.OPENSEARCH_3_7,
      capacity: {
        dataNodes: shape.dataNodes,
        dataNodeInstanceType: shape.dataNodeType,
        multiAzWithStandbyEnabled: false,
        ...(shape.masterNodeType === undefined
          ? {}
          : { masterNodes: 3, masterNodeInstanceType: shape.masterNodeType }),
      },
      ...(zones ? { zoneAwareness: { enabled: true, availabilityZoneCount: 2 } } : {}),
      ebs: { volumeSize: shape.volumeGiB, volumeType: EbsDeviceVolumeType.GP3 },
      encryptionAtRest: { enabled: true, kmsKey: key },
      nodeToNodeEncryption: true,
      enforceHttps: true,
      tlsSecurityPolicy: TLSSecurityPolicy.TLS_1_2_PFS,
      fineGrainedAccessControl: { masterUserArn },
      logging: { appLogEnabled: true, appLogGroup: logs },
      // The policy above; the library's own is a function with a log group that never expires.
      suppressLogsResourcePolicy: true,
      enableVersionUpgrade: true,
      removalPolicy: stage.removal,
    });
    domain.node.addDependency(delivery);
    // Set here: given to the construct, it becomes a function, too.
    if (domain.node.defaultChild instanceof CfnDomain) {
      domain.node.defaultChild.accessPolicies = new PolicyDocument({
        statements: [
          new PolicyStatement({
            effect: Effect.ALLOW,
            principals: [new AccountRootPrincipal()],
            actions: METHODS.map((method) => `es:ESHttp${method}`),
            resources: [`${this.#domainArn}/*`],
          }),
        ],
      });
    }
    return domain;
  }

  /** Runs the function once the domain is there, and again whenever its code changes. */
  #runAtDeployment(templates: HiloFunction, domain: Domain, logKey: IKey): void {
    const provider = new Provider(this, "AtDeployment", {
      onEventHandler: templates,
      logGroup: new LogGroup(this, "AtDeploymentLogs", {
        logGroupName: `/hilo/${this.#stage.name}/at-deployment`,
        retention: this.#stage.logRetention,
        encryptionKey: logKey,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
    });
    new CustomResource(this, "SearchTemplates", {
      serviceToken: provider.serviceToken,
      resourceType: "Custom::SearchTemplates",
      properties: { code: templates.currentVersion.version },
    }).node.addDependency(domain);
    const reason = "written by the library: the function that calls ours while a deployment runs";
    const templatesId = this.getLogicalId(templates.node.defaultChild as CfnElement);
    for (const finding of [
      "IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]",
      `IAM5[Resource::<${templatesId}.Arn>:*]`,
      "L1",
    ]) {
      acceptFinding(provider, `AwsSolutions-${finding}`, reason);
    }
  }

  #grantMonths(target: HiloFunction, calls: readonly (readonly [(typeof METHODS)[number], string])[]): void {
    for (const [method, operation] of calls) {
      this.#grant(target, `${MONTHS}/${operation}`, method);
      acceptFinding(
        target.executionRole,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:es:<AWS::Region>:<AWS::AccountId>:domain/${this.#domainName}/${MONTHS}/${operation}]`,
        "a person may be in any month, and there is a new one every month",
      );
    }
  }

  #grant(target: HiloFunction, path: string, ...methods: readonly (typeof METHODS)[number][]): void {
    Grant.addToPrincipal({
      grantee: target,
      actions: methods.map((method) => `es:ESHttp${method}`),
      resourceArns: [`${this.#domainArn}/${path}`],
    });
  }

  get #domainName(): string {
    return physicalName(this.#stage, "search");
  }

  /** By name, so that policies do not tie this stack to those of the functions. */
  get #domainArn(): string {
    return this.formatArn({ service: "es", resource: "domain", resourceName: this.#domainName });
  }

  #roleArn(functionName: string): string {
    return this.formatArn({
      service: "iam",
      region: "",
      resource: "role",
      resourceName: functionRoleName(this.#stage, functionName),
    });
  }
}

/** HTTP methods that IAM tells apart on a domain, and that the domain's policy lets through to it. */
const METHODS = ["Delete", "Get", "Head", "Post", "Put"] as const;

/** The findings on a domain that are right, and those that a small stage chooses. */
function acceptSize(domain: Domain, shape: ManagedSearch): void {
  acceptFinding(
    domain,
    "AwsSolutions-OS1",
    "outside the network so that only functions of the cache need one; IAM signatures and fine-grained access control guard it",
  );
  acceptFinding(
    domain,
    "AwsSolutions-OS3",
    "functions outside a network have no fixed addresses; IAM decides",
  );
  for (const log of ["SEARCH_SLOW_LOGS", "INDEX_SLOW_LOGS"]) {
    acceptFinding(
      domain,
      `AwsSolutions-OS9[LogExport::${log}]`,
      "slow logs quote queries and documents: user ids and texts, which may not reach a log",
    );
  }
  if (shape.masterNodeType === undefined) {
    acceptFinding(domain, "AwsSolutions-OS4", "chosen for a small stage: its data nodes elect their master");
  }
  if (shape.dataNodes === 1) {
    acceptFinding(domain, "AwsSolutions-OS7", "chosen for a small stage: the index is rebuilt from DynamoDB");
  }
}
