import { join } from "node:path";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";

const DEFINITIONS = join(import.meta.dirname, "..", "..", "state-machines");

export interface AslStateMachineProps {
  readonly stage: StageConfig;
  /** Name of the machine and of its file: `state-machines/<name>.asl.json`. */
  readonly name: string;
  /** Functions that its states call, by state: the file refers to `${<State>Arn}`. */
  readonly tasks: Readonly<Record<string, IFunction>>;
  /** Encrypts the log group. */
  readonly logKey: IKey;
  /** Standard keeps inputs and outputs for 90 days: for machines that no person's data flows through. @default express */
  readonly type?: "express" | "standard";
}

/** A state machine from its file. It logs every event, none with the data that flows through. */
export class AslStateMachine extends StateMachine {
  constructor(scope: Construct, props: AslStateMachineProps) {
    const { stage, name } = props;
    const id = pascalCase(name);
    const tasks = Object.entries(props.tasks);
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      // Under this prefix deliveries share one resource policy, whose size is limited.
      logGroupName: `/aws/vendedlogs/states/${physicalName(stage, name)}`,
      retention: stage.logRetention,
      encryptionKey: props.logKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    super(scope, id, {
      stateMachineName: physicalName(stage, name),
      stateMachineType: props.type === "standard" ? StateMachineType.STANDARD : StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromFile(join(DEFINITIONS, `${name}.asl.json`)),
      definitionSubstitutions: Object.fromEntries(
        tasks.map(([state, task]) => [`${state}Arn`, task.functionArn]),
      ),
      logs: { destination: logGroup, level: LogLevel.ALL, includeExecutionData: false },
      tracingEnabled: true,
    });
    this.addToRolePolicy(
      new PolicyStatement({
        sid: "CallTasks",
        actions: ["lambda:InvokeFunction"],
        resources: tasks.map(([, task]) => task.functionArn),
      }),
    );
    acceptFinding(
      this,
      "AwsSolutions-IAM5[Resource::*]",
      "log delivery (logs:…LogDelivery…) and tracing (xray:Put…) take no resource",
    );
  }
}

/** Longest run of the message pipeline: `TimeoutSeconds` of its file, which a test holds equal. */
export const MESSAGE_PIPELINE_TIMEOUT = Duration.seconds(60);
