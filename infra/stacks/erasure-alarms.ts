import { Duration, type Stack } from "aws-cdk-lib";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { HiloFunction } from "../constructs/hilo-function.ts";
import { type AlarmTarget, published, StackAlarms } from "./stack-alarms.ts";

/** Days after which an open request is an alarm: a week before the month is over in which the law wants it done (GDPR 12(3)). */
const ALARM_DAYS = 23;

export interface ErasureAlarmsProps extends AlarmTarget {
  readonly machine: StateMachine;
  readonly functions: Readonly<
    Record<"AuditErasures" | "FinishErasure" | "PreserveHeld" | "RecheckErasures", HiloFunction>
  >;
}

/** The alarms of the erasure. */
export function addErasureAlarms(stack: Stack, props: ErasureAlarmsProps): void {
  const { machine, functions } = props;
  const alarms = new StackAlarms(stack, props);
  const fiveMinutes = Duration.minutes(5);
  const hour = Duration.hours(1);
  const sums = { period: fiveMinutes, statistic: "Sum" };
  const { FinishErasure: finish, RecheckErasures: recheck } = functions;
  const { AuditErasures: audit, PreserveHeld: preserve } = functions;

  alarms.add(
    "erasure-failures",
    "An execution of user-erasure failed: its request stays open.",
    machine.metricFailed(sums),
  );
  alarms.add(
    "erasure-timeouts",
    "An execution of user-erasure took two weeks: its request stays open.",
    machine.metricTimedOut(sums),
  );
  alarms.add(
    "failed-erasures",
    "A store could not be erased or verified; `hilo erase status` says which and why.",
    published(finish.logicalName, "FailedErasures", fiveMinutes, "Sum"),
  );
  alarms.add(
    "old-erasures",
    `A request for erasure is open for ${ALARM_DAYS} days or more; the law wants it done within a month.`,
    published(recheck.logicalName, "OldestOpenErasureDays", hour, "Maximum"),
    ALARM_DAYS,
  );
  alarms.add(
    "waiting-erasures",
    `A request waits for a legal hold for ${ALARM_DAYS} days or more: whoever asked must be told why within a month.`,
    published(recheck.logicalName, "OldestWaitingErasureDays", hour, "Maximum"),
    ALARM_DAYS,
  );
  alarms.add(
    "unchecked-erasures",
    "The daily look could not go on with a request; the function's log says with which, and why.",
    published(recheck.logicalName, "UncheckedErasures", fiveMinutes, "Sum"),
  );
  alarms.add("recheck-errors", "The daily look after open erasures failed.", recheck.metricErrors(sums));
  alarms.add(
    "erased-rows",
    "The daily audit found rows of erased people in the lake; the look after it removes them: `hilo erase audit`.",
    published(audit.logicalName, "ErasedRowsInLake", hour, "Maximum"),
  );
  alarms.add(
    "audit-errors",
    "The daily audit of the lake failed: nothing is known of it.",
    audit.metricErrors(sums),
  );
  alarms.add(
    "holds-without-copy",
    "A legal hold has no copy of what it holds: `hilo hold set` again makes it.",
    published(preserve.logicalName, "HoldsWithoutCopy", hour, "Maximum"),
  );
  alarms.add(
    "preserve-errors",
    "Held people's data could not be copied: what expires today is not kept.",
    preserve.metricErrors(sums),
  );
  const silence = (name: string, work: string, of: HiloFunction, metricName: string): void =>
    alarms.addSilence(name, `Nobody ${work} for 30 hours: is the rule enabled?`, of.logicalName, metricName);
  silence("erasure-silence", "looked after open erasures", recheck, "OldestOpenErasureDays");
  silence("audit-silence", "looked through the lake for erased people", audit, "ErasedRowsInLake");
  silence("preserve-silence", "copied held people's data", preserve, "HoldsWithoutCopy");
}
