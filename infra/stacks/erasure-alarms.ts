import { Duration, type Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { StageConfig } from "../config.ts";
import type { HiloFunction } from "../constructs/hilo-function.ts";
import { pascalCase, physicalName } from "../naming.ts";

/** Days after which an open request is an alarm: a week before the law's month is over. */
const ALARM_DAYS = 23;

export interface ErasureAlarmsProps {
  readonly stage: StageConfig;
  readonly machine: StateMachine;
  readonly functions: Readonly<
    Record<"AuditErasures" | "FinishErasure" | "PreserveHeld" | "RecheckErasures", HiloFunction>
  >;
  readonly alarmAction: SnsAction;
}

/** The alarms of the erasure: none of them can be composed, the emulator has no such type. */
export function addErasureAlarms(stack: Stack, props: ErasureAlarmsProps): void {
  const { stage, machine, functions, alarmAction } = props;
  const alarm = (name: string, alarmDescription: string, metric: IMetric, threshold = 1): void => {
    new Alarm(stack, `${pascalCase(name)}Alarm`, {
      alarmName: physicalName(stage, name),
      alarmDescription,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(alarmAction);
  };
  const sums = { period: Duration.minutes(5), statistic: "Sum" };
  const counted = (of: HiloFunction, metricName: string, period: Duration, statistic: string): Metric =>
    new Metric({
      namespace: "Hilo",
      metricName,
      dimensionsMap: { service: of.logicalName },
      period,
      statistic,
    });
  const { FinishErasure: finish, RecheckErasures: recheck } = functions;
  const { AuditErasures: audit, PreserveHeld: preserve } = functions;

  alarm(
    "erasure-failures",
    "An execution of user-erasure failed: its request stays open.",
    machine.metricFailed(sums),
  );
  alarm(
    "erasure-timeouts",
    "An execution of user-erasure took two weeks: its request stays open.",
    machine.metricTimedOut(sums),
  );
  alarm(
    "failed-erasures",
    "A store could not be erased or verified; `hilo erase status` says which and why.",
    counted(finish, "FailedErasures", Duration.minutes(5), "Sum"),
  );
  alarm(
    "old-erasures",
    `A request for erasure is open for ${ALARM_DAYS} days or more; the law wants it done within a month.`,
    counted(recheck, "OldestOpenErasureDays", Duration.hours(1), "Maximum"),
    ALARM_DAYS,
  );
  alarm(
    "waiting-erasures",
    `A request waits for a legal hold for ${ALARM_DAYS} days or more: whoever asked must be told why within a month.`,
    counted(recheck, "OldestWaitingErasureDays", Duration.hours(1), "Maximum"),
    ALARM_DAYS,
  );
  alarm(
    "unchecked-erasures",
    "The daily look could not go on with a request; the function's log says with which, and why.",
    counted(recheck, "UncheckedErasures", Duration.minutes(5), "Sum"),
  );
  alarm("recheck-errors", "The daily look after open erasures failed.", recheck.metricErrors(sums));
  alarm(
    "erased-rows",
    "The daily audit found rows of erased people in the lake; the look after it removes them: `hilo erase audit`.",
    counted(audit, "ErasedRowsInLake", Duration.hours(1), "Maximum"),
  );
  alarm(
    "audit-errors",
    "The daily audit of the lake failed: nothing is known of it.",
    audit.metricErrors(sums),
  );
  alarm(
    "holds-without-copy",
    "A legal hold has no copy of what it holds: `hilo hold set` again makes it.",
    counted(preserve, "HoldsWithoutCopy", Duration.hours(1), "Maximum"),
  );
  alarm(
    "preserve-errors",
    "Held people's data could not be copied: what expires today is not kept.",
    preserve.metricErrors(sums),
  );
  // Whoever does not look cannot say so: thirty hours of silence are an alarm, too.
  const silence = (name: string, work: string, of: HiloFunction, metricName: string): void =>
    new Alarm(stack, `${pascalCase(name)}Alarm`, {
      alarmName: physicalName(stage, name),
      alarmDescription: `Nobody ${work} for 30 hours: is the rule enabled?`,
      metric: counted(of, metricName, Duration.hours(6), "SampleCount"),
      threshold: 1,
      evaluationPeriods: 5,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
    }).addAlarmAction(alarmAction);
  silence("erasure-silence", "looked after open erasures", recheck, "OldestOpenErasureDays");
  silence("audit-silence", "looked through the lake for erased people", audit, "ErasedRowsInLake");
  silence("preserve-silence", "copied held people's data", preserve, "HoldsWithoutCopy");
}
