import { Duration, type Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { LakeJobs } from "./lake-jobs.ts";
import { type AlarmTarget, published, StackAlarms } from "./stack-alarms.ts";

export interface LakeAlarmsProps extends AlarmTarget {
  readonly machine: StateMachine;
  readonly jobs: LakeJobs;
}

/** The alarms of the lake: each says what is wrong with which data. */
export function addLakeAlarms(stack: Stack, props: LakeAlarmsProps): void {
  const { machine, jobs } = props;
  const alarms = new StackAlarms(stack, props);
  const sums = { period: Duration.minutes(5), statistic: "Sum" };
  const hour = Duration.hours(1);

  alarms.add("export-failures", "An export of days failed: they stay dirty.", machine.metricFailed(sums));
  alarms.add("export-timeouts", "An export of days took too long.", machine.metricTimedOut(sums));
  alarms.add(
    "unexported-days",
    "A day older than two is not in the lake as it is in the table. Rows expire 30 days after they came.",
    published("plan-export", "UnexportedDays", hour, "Maximum"),
  );
  alarms.add(
    "data-quality-breaches",
    "A day's data looks wrong; what and by how much stands in analytics/data_quality.",
    published("write-daily-metrics", "DataQualityBreaches", hour, "Sum"),
  );
  for (const [job, jobName] of Object.entries(jobs.names)) {
    alarms.add(
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
  alarms.addSilence(
    "export-silence",
    "No export was planned for 30 hours: is the schedule enabled?",
    "plan-export",
    "UnexportedDays",
  );
}
