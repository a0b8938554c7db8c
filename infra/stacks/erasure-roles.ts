import { Aws } from "aws-cdk-lib";
import { AccountRootPrincipal, Grant, PolicyStatement, Role } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import type { StageConfig } from "../config.ts";
import { functionRoleName } from "../constructs/hilo-function.ts";
import { physicalName } from "../naming.ts";
import type { DataStack } from "./data-stack.ts";

export interface ErasureRolesProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly planning: StateMachine;
  readonly machine: StateMachine;
  /** Opens requests: who plans writes neither requests nor ids, or they could change what was approved. */
  readonly request: IFunction;
  readonly approve: IFunction;
}

/**
 * Two roles for two people: who plans names whose data should go, who approves looks at what that would be and lets it go.
 * Neither may do the other's part, read raw ids, or touch a store. The account's administrators say who may take them on.
 */
export class ErasureRoles extends Construct {
  constructor(scope: Construct, id: string, props: ErasureRolesProps) {
    super(scope, id);
    const { planning, machine, request, approve } = props;

    const planner = this.#role("planner", props);
    this.#grantReading(planner, props);
    Grant.addToPrincipal({
      grantee: planner,
      actions: ["lambda:InvokeFunction"],
      resourceArns: [request.functionArn],
    });
    planning.grantStartExecution(planner);

    const approver = this.#role("approver", props);
    this.#grantReading(approver, props);
    Grant.addToPrincipal({
      grantee: approver,
      actions: ["lambda:InvokeFunction"],
      resourceArns: [approve.functionArn],
    });
    machine.grantStartExecution(approver);
  }

  #role(name: "planner" | "approver", { stage }: ErasureRolesProps): Role {
    return new Role(this, name, {
      // Names of roles count in the whole account: without the region a second one could not be deployed to.
      roleName: functionRoleName(stage, `erasure-${name}`),
      assumedBy: new AccountRootPrincipal(),
    });
  }

  /** Requests, their plans and receipts, and how executions are doing: counts, times and keyed hashes. */
  #grantReading(role: Role, { stage, data }: ErasureRolesProps): void {
    const ledger = data.tables["erasure-ledger"];
    ledger.grantItems(role, "BatchGetItem", "GetItem");
    ledger.grantIndexQuery(role, "OpenIndex");
    // By name, so that the findings have one.
    const machines = ["erasure-plan", "user-erasure"].map((name) => physicalName(stage, name));
    role.addToPolicy(
      new PolicyStatement({
        sid: "WatchExecutions",
        actions: ["states:DescribeExecution"],
        resources: machines.map(
          (name) => `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:execution:${name}:*`,
        ),
      }),
    );
    for (const name of machines)
      acceptFinding(
        role,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${name}:*]`,
        "executions of this one machine: each has a name of its own",
      );
    role.addToPolicy(
      new PolicyStatement({
        sid: "FindStage",
        actions: ["cloudformation:DescribeStacks"],
        resources: ["*"],
      }),
    );
    acceptFinding(
      role,
      "AwsSolutions-IAM5[Resource::*]",
      "the stage's outputs are found by describing all stacks",
    );
  }
}
