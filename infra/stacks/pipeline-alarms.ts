import { Duration, type Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { HiloFunction } from "../constructs/hilo-function.ts";
import type { DataStack } from "./data-stack.ts";
import { type AlarmTarget, published, StackAlarms } from "./stack-alarms.ts";

export interface PipelineAlarmsProps extends AlarmTarget {
  readonly data: DataStack;
  readonly functions: Readonly<Record<"router" | "drainDeadLetters" | "repairDay", HiloFunction>>;
  readonly machine: StateMachine;
  readonly repair: StateMachine;
  readonly queue: IQueue;
  /** Queues of what cache and search lag behind. */
  readonly repairQueues: Readonly<Record<"cache" | "search", IQueue>>;
}

const PERIOD = Duration.minutes(5);

/** The alarms of the pipeline beside those of its dead-letter queues. */
export function addPipelineAlarms(stack: Stack, props: PipelineAlarmsProps): void {
  const { data, machine, repair, queue, repairQueues } = props;
  const { router, drainDeadLetters, repairDay } = props.functions;
  const options = { period: PERIOD, statistic: "Sum" };
  const alarms = new StackAlarms(stack, props);
  const counted = (metricName: string, { logicalName }: HiloFunction): Metric =>
    published(logicalName, metricName, PERIOD, "Sum");
  const age = (of: IQueue): Metric =>
    of.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: "Maximum" });

  alarms.add(
    "router-errors",
    "The router failed as a whole: its batch comes back.",
    router.metricErrors(options),
  );
  alarms.add(
    "router-throttles",
    "The router reached its concurrency.",
    router.metricThrottles(options),
    1,
    3,
  );
  alarms.add("workflow-failures", "Runs failed: messages were not stored.", machine.metricFailed(options));
  alarms.add("workflow-timeouts", "Runs took too long.", machine.metricTimedOut(options));
  alarms.add(
    "queue-age",
    "The oldest message has waited 10 minutes.",
    age(queue),
    Duration.minutes(10).toSeconds(),
  );
  for (const [store, repairs] of Object.entries(repairQueues)) {
    alarms.add(
      `${store}-behind`,
      `The oldest repair of the ${store} has waited 30 minutes: it does not answer, or refuses.`,
      age(repairs),
      Duration.minutes(30).toSeconds(),
    );
  }
  alarms.add(
    "exhausted-messages",
    "Messages failed in every delivery and went to quarantine.",
    counted("QuarantinedMessages", drainDeadLetters),
  );
  alarms.add("repair-failures", "The nightly comparison of the stores failed.", repair.metricFailed(options));
  alarms.add(
    "repair-timeouts",
    "The nightly comparison of the stores took too long.",
    repair.metricTimedOut(options),
  );
  alarms.add(
    "remaining-differences",
    "Table and search index differ, and a repair could not mend it.",
    counted("RemainingDifferences", repairDay),
  );
  alarms.add(
    "uncompared-shards",
    "A comparison of the stores did not reach its end, or not the cache.",
    counted("UncomparedShards", repairDay),
  );
  alarms.add(
    "conflicting-messages",
    "Messages came again with another body; the first stays.",
    counted("ConflictingMessages", router),
  );
  for (const { logicalName, tableName } of Object.values(data.tables)) {
    for (const direction of ["Read", "Write"]) {
      alarms.add(
        `${logicalName}-${direction.toLowerCase()}-throttles`,
        `${direction}s of ${logicalName} were throttled, three times in a row.`,
        new Metric({
          ...options,
          namespace: "AWS/DynamoDB",
          metricName: `${direction}ThrottleEvents`,
          dimensionsMap: { TableName: tableName },
        }),
        1,
        3,
      );
    }
  }
  alarms.add(
    "dynamodb-user-errors",
    "DynamoDB refused requests as wrong: a fault of ours. Counted for the account and region.",
    new Metric({ ...options, namespace: "AWS/DynamoDB", metricName: "UserErrors" }),
  );
}
