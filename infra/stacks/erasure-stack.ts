import { Aws, CfnOutput, Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { Grant } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { acceptFinding } from "../accept-finding.ts";
import { AslStateMachine } from "../constructs/asl-state-machine.ts";
import { pascalCase, physicalName } from "../naming.ts";
import { addErasureAlarms } from "./erasure-alarms.ts";
import { createErasureFunctions, type ErasureFunctionsProps } from "./erasure-functions.ts";
import { ErasureRoles } from "./erasure-roles.ts";
import { createSubjectFunctions, type SubjectFunctionsProps } from "./subject-functions.ts";

/** When completed requests are looked after: after the nightly export, which writes the lake. */
const RECHECK_SCHEDULE = "cron(40 5 * * ? *)";

/** Whoever has approved a request outside of Hilo's command starts it by an event of this source. */
const EVENT_SOURCE = "hilo.erasure";

/** Planning, approving, running and proving erasures. Requests, receipts and the key that signs them are data: they stay. */
export class ErasureStack extends Stack {
  constructor(scope: Construct, id: string, props: ErasureFunctionsProps & SubjectFunctionsProps) {
    const { stage, data } = props;
    super(scope, id, { stackName: physicalName(stage, "erasure") });
    const functions = { ...createErasureFunctions(this, props), ...createSubjectFunctions(this, props) };
    const { PlanErasure, FinishPlan, ApproveErasure, FencePeople, AbortUploads, FinishErasure } = functions;
    const { EraseCache, EraseTables, EraseSearch, EraseObjects, RecheckErasures } = functions;
    const erasers = { EraseCache, EraseTables, EraseSearch, EraseObjects };

    const common = { stage, type: "standard", logKey: data.operationsKey } as const;
    const planning = new AslStateMachine(this, {
      ...common,
      name: "erasure-plan",
      tasks: { PlanErasure, ...erasers, FinishPlan },
    });
    const machine = new AslStateMachine(this, {
      ...common,
      name: "user-erasure",
      tasks: { FencePeople, AbortUploads, ...erasers, FinishErasure },
    });
    RecheckErasures.addEnvironment("STATE_MACHINE_ARN", machine.stateMachineArn);
    Grant.addToPrincipal({
      grantee: RecheckErasures,
      actions: ["states:ListExecutions", "states:StartExecution"],
      resourceArns: [machine.stateMachineArn],
    });
    // What an event or the console started has any name: its input says what it works on.
    const executions = `execution:${physicalName(stage, "user-erasure")}:*`;
    Grant.addToPrincipal({
      grantee: RecheckErasures,
      actions: ["states:DescribeExecution"],
      resourceArns: [`arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${executions}`],
    });
    acceptFinding(
      RecheckErasures.executionRole,
      `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:${executions}]`,
      "executions of this one machine: each has a name of its own",
    );
    new Rule(this, "DailyRecheck", {
      ruleName: physicalName(stage, "daily-recheck"),
      description:
        "Looks again after completed erasures, goes on with waiting ones, lets unapproved plans expire",
      schedule: Schedule.expression(RECHECK_SCHEDULE),
      targets: [new LambdaFunction(RecheckErasures)],
    });
    new Rule(this, "ApprovedErasure", {
      ruleName: physicalName(stage, "approved-erasure"),
      description: "Starts an erasure that is approved; of others the first state refuses to fence anybody",
      eventPattern: { source: [EVENT_SOURCE], detailType: ["Erasure approved"] },
      targets: [
        new SfnStateMachine(machine, {
          input: RuleTargetInput.fromObject({ request_id: EventField.fromPath("$.detail.request_id") }),
        }),
      ],
    });
    const callable = { request: functions.RequestErasure, approve: ApproveErasure };
    new ErasureRoles(this, "Roles", { stage, data, planning, machine, ...callable });

    // By name: the topic belongs to the pipeline, which may be replaced without this stack.
    const alarms = Topic.fromTopicArn(
      this,
      "Alarms",
      this.formatArn({ service: "sns", resource: physicalName(stage, "alarms") }),
    );
    addErasureAlarms(this, { stage, machine, functions, alarmAction: new SnsAction(alarms) });

    this.#output({
      StateMachineErasurePlan: planning.stateMachineArn,
      StateMachineUserErasure: machine.stateMachineArn,
    });
    for (const created of Object.values(functions))
      this.#output({ [`Function${pascalCase(created.logicalName)}`]: created.functionName });
  }

  #output(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) new CfnOutput(this, key, { value });
  }
}
