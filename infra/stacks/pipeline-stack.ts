import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
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

    const workQueue = (logicalName: string, consumerTimeout: Duration, fifo: boolean): WorkQueue =>
      new WorkQueue(this, {
        stage,
        logicalName,
        fifo,
        consumerTimeout,
        retention: Duration.days(fifo ? 14 : 4),
        key: data.operationsKey,
        alarmAction,
      });
    const entry = workQueue("sqs-entrada-conversacion", TIMEOUTS.router, true);
    const refreshes = workQueue("refresh-cache", TIMEOUTS.refreshCache, false);
    const repairs = workQueue("repair-index", TIMEOUTS.repairIndex, false);
    entry.consumedBy(router, 10, stage.routerConcurrency);
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
    router.addEnvironment("STATE_MACHINE_ARN", machine.stateMachineArn);
    router.addEnvironment("QUEUE_URL", entry.queue.queueUrl);
    router.addEnvironment("REFRESH_CACHE_QUEUE_URL", refreshes.queue.queueUrl);
    router.addEnvironment("REPAIR_INDEX_QUEUE_URL", repairs.queue.queueUrl);

    addPipelineAlarms(this, { stage, data, router, machine, queue: entry.queue, alarmAction });

    this.#output({
      Queue: entry.queue.queueName,
      QueueUrl: entry.queue.queueUrl,
      DeadLetterQueue: entry.deadLetters.queueName,
      DeadLetterQueueUrl: entry.deadLetters.queueUrl,
      RefreshCacheQueueUrl: refreshes.queue.queueUrl,
      RepairIndexQueueUrl: repairs.queue.queueUrl,
      StateMachineMessagePipeline: machine.stateMachineArn,
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
