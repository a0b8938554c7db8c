import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { SfnStateMachine } from "aws-cdk-lib/aws-events-targets";
import { ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Construct } from "constructs";
import type { StageConfig } from "../config.ts";
import { AslStateMachine } from "../constructs/asl-state-machine.ts";
import { WorkQueue } from "../constructs/work-queue.ts";
import { pascalCase, physicalName } from "../naming.ts";
import type { CacheAccess, SearchAccess } from "../store-access.ts";
import type { DataStack } from "./data-stack.ts";
import { addPipelineAlarms } from "./pipeline-alarms.ts";
import { createPipelineFunctions, TIMEOUTS } from "./pipeline-functions.ts";

export interface PipelineStackProps {
  readonly stage: StageConfig;
  readonly data: DataStack;
  readonly cache: CacheAccess;
  readonly search: SearchAccess;
}

/** How long cache or search may be away before their repairs wait for a person. */
const REPAIR_PATIENCE = Duration.hours(12);

/** Queue, router, workflow, repairs and their alarms: all that may be deleted and deployed again. */
export class PipelineStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineStackProps) {
    const { stage, data } = props;
    super(scope, id, { stackName: physicalName(stage, "pipeline") });
    const functions = createPipelineFunctions(this, props);
    const { router } = functions;

    const alarms = new Topic(this, "Alarms", {
      topicName: physicalName(stage, "alarms"),
      masterKey: data.operationsKey,
      enforceSSL: true,
    });
    // Asking for TLS replaces the policy that a topic has by itself, which would let alarms through.
    alarms.grantPublish(
      new ServicePrincipal("cloudwatch.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": this.account } },
      }),
    );
    if (stage.alarmEmail !== undefined) alarms.addSubscription(new EmailSubscription(stage.alarmEmail));
    const alarmAction = new SnsAction(alarms);

    const common = { stage, key: data.operationsKey, alarmAction };
    const entry = new WorkQueue(this, {
      ...common,
      logicalName: "sqs-entrada-conversacion",
      fifo: true,
      consumerTimeout: TIMEOUTS.router,
      retention: Duration.days(14),
      drainTimeout: TIMEOUTS.drainDeadLetters,
    });
    const repairQueue = (logicalName: string, consumerTimeout: Duration): WorkQueue =>
      new WorkQueue(this, {
        ...common,
        logicalName,
        fifo: false,
        consumerTimeout,
        retention: Duration.days(4),
        patience: REPAIR_PATIENCE,
      });
    const refreshes = repairQueue("refresh-cache", TIMEOUTS.refreshCache);
    const repairs = repairQueue("repair-index", TIMEOUTS.repairIndex);
    entry.consumedBy(router, 10, stage.routerConcurrency);
    entry.drainedBy(functions.drainDeadLetters, 10, 2);
    refreshes.consumedBy(functions.refreshCache, 10, 2);
    repairs.consumedBy(functions.repairIndex, 10, 2);

    const machine = new AslStateMachine(this, {
      stage,
      name: "message-pipeline",
      tasks: {
        StoreInCache: functions.storeInCache,
        StoreToDynamoDB: functions.storeToDynamoDB,
        IndexToOpenSearch: functions.indexToOpenSearch,
        PerformAnalytics: functions.performAnalytics,
      },
      logKey: data.operationsKey,
    });

    machine.grantStartSyncExecution(router);
    refreshes.grantSend(router);
    repairs.grantSend(router);
    refreshes.grantSend(functions.drainDeadLetters);
    router.addEnvironment("STATE_MACHINE_ARN", machine.stateMachineArn);
    router.addEnvironment("QUEUE_URL", entry.queue.queueUrl);
    for (const sender of [router, functions.drainDeadLetters]) {
      sender.addEnvironment("REFRESH_CACHE_QUEUE_URL", refreshes.queue.queueUrl);
      sender.addEnvironment("REPAIR_INDEX_QUEUE_URL", repairs.queue.queueUrl);
    }

    const repair = new AslStateMachine(this, {
      stage,
      name: "repair-days",
      type: "standard",
      tasks: { RepairDay: functions.repairDay },
      logKey: data.operationsKey,
    });
    new Rule(this, "NightlyRepair", {
      ruleName: physicalName(stage, "nightly-repair"),
      description: "Compares and repairs the days before",
      schedule: Schedule.expression(stage.repairSchedule),
      targets: [
        new SfnStateMachine(repair, { input: RuleTargetInput.fromObject({ daysAgo: stage.repairDaysAgo }) }),
      ],
    });

    addPipelineAlarms(this, {
      stage,
      data,
      functions,
      machine,
      repair,
      queue: entry.queue,
      repairQueues: { cache: refreshes.queue, search: repairs.queue },
      alarmAction,
    });

    this.#output({
      Queue: entry.queue.queueName,
      QueueUrl: entry.queue.queueUrl,
      DeadLetterQueue: entry.deadLetters.queueName,
      DeadLetterQueueUrl: entry.deadLetters.queueUrl,
      RefreshCacheQueueUrl: refreshes.queue.queueUrl,
      RefreshCacheDeadLetterQueueUrl: refreshes.deadLetters.queueUrl,
      RepairIndexQueueUrl: repairs.queue.queueUrl,
      RepairIndexDeadLetterQueueUrl: repairs.deadLetters.queueUrl,
      StateMachineMessagePipeline: machine.stateMachineArn,
      StateMachineRepairDays: repair.stateMachineArn,
      RedisUrl: props.cache.url,
      OpenSearchUrl: props.search.url,
    });
    for (const created of Object.values(functions)) {
      this.#output({ [`Function${pascalCase(created.logicalName)}`]: created.functionName });
    }
  }

  #output(values: Readonly<Record<string, string>>): void {
    for (const [key, value] of Object.entries(values)) new CfnOutput(this, key, { value });
  }
}
