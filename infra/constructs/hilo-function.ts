import { Aws, type Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, Function as LambdaFunction, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";
import { handlerCode } from "./handler-code.ts";

/** Where in a network a function runs. */
export interface Placement {
  readonly vpc: IVpc;
  readonly securityGroup: ISecurityGroup;
}

export interface HiloFunctionProps {
  readonly stage: StageConfig;
  /** Folder of the handler under `functions/handlers`, and the function's name: `store-in-cache`. */
  readonly name: string;
  readonly timeout: Duration;
  /** @default 512 MB: a third of a processor, enough for batches of 10 */
  readonly memoryMb?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Files beside the code: their paths by their names there. @default none */
  readonly files?: Readonly<Record<string, string>>;
  /** Encrypts the log group. */
  readonly logKey: IKey;
  /** @default outside any network */
  readonly placement?: Placement;
}

/** The name of a function's role; known before the role exists, so that a domain may name it. */
export function functionRoleName(stage: StageConfig, name: string): string {
  return `${physicalName(stage, name)}-${Aws.REGION}`;
}

/**
 * A function of `functions/handlers` with a role of its own, a log group of its own and no permission
 * that it was not granted. It is not traced: X-Ray takes no resource, and the state machine's trace
 * shows each call already.
 */
export class HiloFunction extends LambdaFunction {
  /** Name without the stage: that of its folder, and `service` in its metrics. */
  readonly logicalName: string;
  readonly executionRole: Role;

  constructor(scope: Construct, props: HiloFunctionProps) {
    const { stage, name, placement } = props;
    const id = pascalCase(name);
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      logGroupName: `/hilo/${stage.name}/${name}`,
      retention: stage.logRetention,
      encryptionKey: props.logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      roleName: functionRoleName(stage, name),
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    logGroup.grantWrite(role);
    super(scope, id, {
      functionName: physicalName(stage, name),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: "index.handler",
      code: handlerCode(name, props.files),
      timeout: props.timeout,
      memorySize: props.memoryMb ?? 512,
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      environment: {
        HILO_STAGE: stage.name,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: "Hilo",
        POWERTOOLS_LOG_LEVEL: stage.logLevel,
        ...props.environment,
      },
      ...(placement === undefined
        ? {}
        : {
            vpc: placement.vpc,
            vpcSubnets: { subnets: placement.vpc.isolatedSubnets },
            securityGroups: [placement.securityGroup],
          }),
    });
    this.logicalName = name;
    this.executionRole = role;
    if (placement !== undefined) allowNetworkInterfaces(this, role);
  }
}

/**
 * What Lambda needs in order to place a function in a network. It takes the place of the managed policy,
 * which allows all of it on every resource.
 */
function allowNetworkInterfaces(scope: Construct, role: Role): void {
  role.addToPolicy(
    new PolicyStatement({
      sid: "OwnNetworkInterfaces",
      actions: [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
      ],
      resources: [Stack.of(scope).formatArn({ service: "ec2", resource: "*", resourceName: "*" })],
    }),
  );
  role.addToPolicy(
    new PolicyStatement({
      sid: "SeeNetwork",
      actions: [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
    }),
  );
  acceptFinding(
    role,
    "AwsSolutions-IAM5[Resource::*]",
    "ec2:Describe… takes no resource; Lambda asks for it to place the function in the network",
  );
  acceptFinding(
    role,
    "AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ec2:<AWS::Region>:<AWS::AccountId>:*/*]",
    "Lambda creates the function's network interfaces itself: their ids are unknown before",
  );
}
