import { Duration, type Stack } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";
import type { LakeJobs } from "./lake-jobs.ts";

export interface LakeAlarmsProps {
  readonly stage: StageConfig;
  readonly machine: StateMachine;
  readonly jobs: LakeJobs;
  readonly alarmAction: SnsAction;
}

/** A metric that a function of Hilo publishes about itself. */
const counted = (service: string, metricName: string, period: Duration, statistic: string): Metric =>
  new Metric({ namespace: "Hilo", metricName, dimensionsMap: { service }, period, statistic });

/** The alarms of the lake: each says what is wrong with which data. */
export function addLakeAlarms(stack: Stack, { stage, machine, jobs, alarmAction }: LakeAlarmsProps): void {
  const alarm = (name: string, alarmDescription: string, metric: Metric): void => {
    new Alarm(stack, `${pascalCase(name)}Alarm`, {
      alarmName: physicalName(stage, name),
      alarmDescription,
      metric,
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(alarmAction);
  };
  const sums = { period: Duration.minutes(5), statistic: "Sum" };
  const hour = Duration.hours(1);

  alarm("export-failures", "An export of days failed: they stay dirty.", machine.metricFailed(sums));
  alarm("export-timeouts", "An export of days took too long.", machine.metricTimedOut(sums));
  alarm(
    "unexported-days",
    "A day older than two is not in the lake as it is in the table. Rows expire 30 days after they came.",
    counted("plan-export", "UnexportedDays", hour, "Maximum"),
  );
  alarm(
    "data-quality-breaches",
    "A day's data looks wrong; what and by how much stands in analytics/data_quality.",
    counted("write-daily-metrics", "DataQualityBreaches", hour, "Sum"),
  );
  for (const [job, jobName] of Object.entries(jobs.names)) {
    alarm(
      `${job}-errors`,
      `The Glue job ${job} failed.`,
      new Metric({
        ...sums,
        namespace: "Glue",
        metricName: "glue.error.ALL",
        dimensionsMap: {
          JobName: jobName,
          JobRunId: "ALL",
          ObservabilityGroup: "error",
          Type: "count",
        },
      }),
    );
  }
  // Whoever does not count cannot count a missing day: thirty hours of silence are an alarm, too.
  new Alarm(stack, "ExportSilenceAlarm", {
    alarmName: physicalName(stage, "export-silence"),
    alarmDescription: "No export was planned for 30 hours: is the schedule enabled?",
    metric: counted("plan-export", "UnexportedDays", Duration.hours(6), "SampleCount"),
    threshold: 1,
    evaluationPeriods: 5,
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    treatMissingData: TreatMissingData.BREACHING,
  }).addAlarmAction(alarmAction);
}
