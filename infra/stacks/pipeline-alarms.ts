import { Duration, type Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { StageConfig } from "../config.ts";
import type { HiloFunction } from "../constructs/hilo-function.ts";
import { pascalCase, physicalName } from "../naming.ts";
import type { DataStack } from "./data-stack.ts";

export interface PipelineAlarmsProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly functions: Readonly<Record<"router" | "drainDeadLetters" | "repairDay", HiloFunction>>;
  readonly machine: StateMachine;
  readonly repair: StateMachine;
  readonly queue: IQueue;
  /** Queues of what cache and search lag behind. */
  readonly repairQueues: Readonly<Record<"cache" | "search", IQueue>>;
  readonly alarmAction: SnsAction;
}

const PERIOD = Duration.minutes(5);

/** The alarms of the pipeline beside those of its dead-letter queues. */
export function addPipelineAlarms(stack: Stack, props: PipelineAlarmsProps): void {
  const { stage, data, machine, repair, queue, repairQueues, alarmAction } = props;
  const { router, drainDeadLetters, repairDay } = props.functions;
  const options = { period: PERIOD, statistic: "Sum" };

  const alarm = (name: string, description: string, metric: IMetric, threshold = 1, periods = 1): void => {
    new Alarm(stack, `${pascalCase(name)}Alarm`, {
      alarmName: physicalName(stage, name),
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(alarmAction);
  };

  const counted = (metricName: string, { logicalName: service }: HiloFunction): Metric =>
    new Metric({ ...options, namespace: "Hilo", metricName, dimensionsMap: { service } });
  const age = (of: IQueue): Metric =>
    of.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: "Maximum" });

  alarm("router-errors", "The router failed as a whole: its batch comes back.", router.metricErrors(options));
  alarm("router-throttles", "The router reached its concurrency.", router.metricThrottles(options), 1, 3);
  alarm("workflow-failures", "Runs failed: messages were not stored.", machine.metricFailed(options));
  alarm("workflow-timeouts", "Runs took too long.", machine.metricTimedOut(options));
  alarm(
    "queue-age",
    "The oldest message has waited 10 minutes.",
    age(queue),
    Duration.minutes(10).toSeconds(),
  );
  for (const [store, repairs] of Object.entries(repairQueues)) {
    alarm(
      `${store}-behind`,
      `The oldest repair of the ${store} has waited 30 minutes: it does not answer, or refuses.`,
      age(repairs),
      Duration.minutes(30).toSeconds(),
    );
  }
  alarm(
    "exhausted-messages",
    "Messages failed in every delivery and went to quarantine.",
    counted("QuarantinedMessages", drainDeadLetters),
  );
  alarm("repair-failures", "The nightly comparison of the stores failed.", repair.metricFailed(options));
  alarm(
    "repair-timeouts",
    "The nightly comparison of the stores took too long.",
    repair.metricTimedOut(options),
  );
  alarm(
    "remaining-differences",
    "Table and search index differ, and a repair could not mend it.",
    counted("RemainingDifferences", repairDay),
  );
  alarm(
    "uncompared-shards",
    "A comparison of the stores did not reach its end, or not the cache.",
    counted("UncomparedShards", repairDay),
  );
  alarm(
    "conflicting-messages",
    "Messages came again with another body; the first stays.",
    counted("ConflictingMessages", router),
  );
  for (const { logicalName, tableName } of Object.values(data.tables)) {
    for (const direction of ["Read", "Write"]) {
      alarm(
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
  alarm(
    "dynamodb-user-errors",
    "DynamoDB refused requests as wrong: a fault of ours. Counted for the account and region.",
    new Metric({ ...options, namespace: "AWS/DynamoDB", metricName: "UserErrors" }),
  );
}
