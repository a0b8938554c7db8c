import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import { pascalCase, physicalName } from "../naming.ts";

export interface WorkQueueProps {
  readonly stage: StageConfig;
  readonly logicalName: string;
  readonly fifo: boolean;
  /** Timeout of the function that consumes the queue; messages stay hidden six times as long. */
  readonly consumerTimeout: Duration;
  /** How long a message waits for a consumer before it is lost. */
  readonly retention: Duration;
  /**
   * How long a message is tried at least, at one try a visibility time-out.
   * @default 120 tries, whatever time they take
   */
  readonly patience?: Duration;
  /** Timeout of the function that consumes the dead-letter queue. @default nobody consumes it */
  readonly drainTimeout?: Duration;
  readonly key: IKey;
  readonly alarmAction: SnsAction;
}

/**
 * Receives after which a message goes to the dead-letter queue, where no patience is asked for. At the router's
 * back-off ten minutes on average; five were over within any outage of a minute (ADR 0070).
 */
const MAX_RECEIVES = 120;
/** What SQS counts to. */
const MOST_RECEIVES = 1_000;
/** A message stays hidden so many times as long as its consumer may take. */
const VISIBILITY_FACTOR = 6;
/** Minutes after which a dead-letter queue that has a consumer should be empty again. */
const DRAINED_IN = 15;

/** A queue, its dead-letter queue (14 days) and the alarm that the latter holds something, or is not drained. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, props: WorkQueueProps) {
    super(scope, `${pascalCase(props.logicalName)}Queue`);
    this.#key = props.key;
    const name = physicalName(props.stage, props.logicalName);
    const secured = { encryption: QueueEncryption.KMS, encryptionMasterKey: props.key, enforceSSL: true };
    const suffix = props.fifo ? ".fifo" : "";
    const visibility = Duration.seconds(props.consumerTimeout.toSeconds() * VISIBILITY_FACTOR);
    const maxReceives =
      props.patience === undefined
        ? MAX_RECEIVES
        : Math.min(MOST_RECEIVES, Math.ceil(props.patience.toSeconds() / visibility.toSeconds()));
    this.deadLetters = new Queue(this, "DeadLetters", {
      ...secured,
      ...(props.drainTimeout === undefined
        ? {}
        : { visibilityTimeout: Duration.seconds(props.drainTimeout.toSeconds() * VISIBILITY_FACTOR) }),
      ...(props.fifo ? { fifo: true } : {}),
      queueName: `${name}-dlq${suffix}`,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new Queue(this, "Main", {
      ...secured,
      ...(props.fifo
        ? {
            fifo: true,
            deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
            fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
          }
        : {}),
      queueName: `${name}${suffix}`,
      retentionPeriod: props.retention,
      visibilityTimeout: visibility,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: maxReceives },
    });
    const isDrained = props.drainTimeout !== undefined;
    new Alarm(this, "DeadLettersAlarm", {
      alarmName: `${name}-dead-letters`,
      alarmDescription: isDrained
        ? `Dead letters of ${props.logicalName} are not drained into quarantine.`
        : `Messages of ${props.logicalName} failed ${maxReceives} times and wait in the dead-letter queue.`,
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: "Maximum",
      }),
      threshold: 1,
      evaluationPeriods: isDrained ? DRAINED_IN : 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(props.alarmAction);
  }

  /**
   * Makes a function the queue's consumer, with partial batch failures and all permissions for it.
   * @param batchSize messages a call, at most
   * @param maxConcurrency calls at once, at least 2
   */
  consumedBy(consumer: IFunction, batchSize: number, maxConcurrency: number): void {
    consumer.addEventSource(
      new SqsEventSource(this.queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }),
    );
  }

  /** Makes a function the consumer of the dead-letter queue, as `consumedBy` does of the queue. */
  drainedBy(consumer: IFunction, batchSize: number, maxConcurrency: number): void {
    consumer.addEventSource(
      new SqsEventSource(this.deadLetters, { batchSize, maxConcurrency, reportBatchItemFailures: true }),
    );
  }

  /** Allows sending, and the use of the queue's key for it. */
  grantSend(grantee: IGrantable): void {
    Grant.addToPrincipal({ grantee, actions: ["sqs:SendMessage"], resourceArns: [this.queue.queueArn] });
    this.#key.grant(grantee, "kms:Decrypt", "kms:GenerateDataKey");
  }
}
