import { CfnOutput, Stack, TimeZone } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { StepFunctionsStartExecution } from "aws-cdk-lib/aws-scheduler-targets";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import { AslStateMachine } from "../constructs/asl-state-machine.ts";
import { pascalCase, physicalName } from "../naming.ts";
import type { DataStack } from "./data-stack.ts";
import { addLakeAlarms } from "./lake-alarms.ts";
import { LakeCatalog } from "./lake-catalog.ts";
import { createLakeFunctions } from "./lake-functions.ts";
import { LakeJobs } from "./lake-jobs.ts";

/** Catalog, exports, their schedule and alarms: all that may be deleted and deployed again; the files stay. */
export class LakeStack extends Stack {
  readonly catalog: LakeCatalog;

  constructor(
    scope: Construct,
    id: string,
    props: { readonly stage: StageConfig; readonly data: DataStack },
  ) {
    const { stage, data } = props;
    super(scope, id, { stackName: physicalName(stage, "lake") });
    this.catalog = new LakeCatalog(this, "Catalog", { stage, data });
    const jobs = new LakeJobs(this, "Jobs", { stage, data });
    const functions = createLakeFunctions(this, { stage, data, catalog: this.catalog, jobs });
    this.#output({
      GlueDatabase: this.catalog.database,
      AthenaWorkgroup: this.catalog.workgroup,
      ReportingTimezone: stage.reportingTimezone,
    });
    const machine = new AslStateMachine(this, {
      stage,
      name: "conversation-export",
      type: "standard",
      tasks: functions,
      logKey: data.operationsKey,
    });
    new Schedule(this, "NightlyExport", {
      scheduleName: physicalName(stage, "nightly-export"),
      description: "Exports yesterday and every day that is dirty or missing",
      schedule: ScheduleExpression.expression(stage.exportSchedule, TimeZone.of(stage.exportTimezone)),
      target: new StepFunctionsStartExecution(machine, {
        input: ScheduleTargetInput.fromObject({
          nightly: true,
          patterns: true,
          ...(stage.exportEngine === "glue" ? { engine: "glue" } : {}),
        }),
      }),
    });
    // By name: the topic belongs to the pipeline, which may be replaced without this stack.
    const alarms = Topic.fromTopicArn(
      this,
      "Alarms",
      this.formatArn({ service: "sns", resource: physicalName(stage, "alarms") }),
    );
    addLakeAlarms(this, { stage, machine, jobs, alarmAction: new SnsAction(alarms) });

    this.#output({ StateMachineConversationExport: machine.stateMachineArn });
    for (const created of Object.values(functions))
      this.#output({ [`Function${pascalCase(created.logicalName)}`]: created.functionName });
  }

  #output(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) new CfnOutput(this, key, { value });
  }
}
