import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { GetFunctionConfigurationCommand, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeStateMachineCommand, SFNClient } from "@aws-sdk/client-sfn";
import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { inspectSearch } from "../../functions/adapters/opensearch/inspect-search.ts";
import { readRecentContext } from "../commands/context.ts";
import type { StageSession } from "../stage-session.ts";
import { type Check, Fault } from "./finding.ts";

/** Nobody's id: asking for their messages touches function, cache, ledger and rows and leaves no trace of a person. */
const NOBODY = "doctor:nobody";

/** Every check of a deployed stage, in the order a message meets the parts. */
export function stageChecks(session: StageSession): Check[] {
  const { outputs } = session;
  return [
    { name: "secret hash-keys", run: async () => void (await session.keys()) },
    queueCheck(session, "queue", outputs.queueUrl),
    queueCheck(session, "dead-letter queue", outputs.deadLetterQueueUrl, {
      cause: "messages wait to be drained into quarantine",
      remedy: "Look again in a few minutes; if they stay, read the log of drain-dead-letters.",
    }),
    queueCheck(session, "queue refresh-cache", outputs.refreshCacheQueueUrl),
    queueCheck(session, "dead letters of refresh-cache", outputs.refreshCacheDeadLetterQueueUrl, UNREPAIRED),
    queueCheck(session, "queue repair-index", outputs.repairIndexQueueUrl),
    queueCheck(session, "dead letters of repair-index", outputs.repairIndexDeadLetterQueueUrl, UNREPAIRED),
    ...CONSUMERS.map((name) => consumerCheck(session, name)),
    ...Object.entries(outputs.stateMachines).map(([name, arn]) => stateMachineCheck(session, name, arn)),
    ...Object.entries(outputs.functions).map(([name, physical]) => functionCheck(session, name, physical)),
    ...Object.entries(outputs.tables).map(([name, physical]) => tableCheck(session, name, physical)),
    bucketCheck(session),
    searchCheck(session),
    cacheCheck(session),
  ];
}

const UNREPAIRED = {
  cause: "repairs failed in all their tries",
  remedy: "Mend the store that the log of the queue's function names, then run: hilo redrive",
};

function queueCheck(
  session: StageSession,
  name: string,
  url: string,
  whereNotEmpty?: { readonly cause: string; readonly remedy: string },
): Check {
  return {
    name,
    run: async () => {
      const { Attributes: attributes = {} } = await session.sqs().send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        }),
      );
      const waiting = Number(attributes["ApproximateNumberOfMessages"] ?? 0);
      const tried = Number(attributes["ApproximateNumberOfMessagesNotVisible"] ?? 0);
      if (whereNotEmpty && waiting > 0) {
        throw new Fault(`${waiting} ${whereNotEmpty.cause}`, whereNotEmpty.remedy);
      }
      return `${waiting} waiting${tried > 0 ? `, ${tried} being tried` : ""}`;
    },
  };
}

/** Functions that a queue feeds. */
const CONSUMERS = ["router", "drain-dead-letters", "refresh-cache", "repair-index"] as const;

function consumerCheck(session: StageSession, name: (typeof CONSUMERS)[number]): Check {
  return {
    name: `queue's consumer ${name}`,
    run: async () => {
      const { EventSourceMappings: [mapping] = [] } = await session
        .lambda()
        .send(new ListEventSourceMappingsCommand({ FunctionName: session.outputs.functions[name] }));
      if (mapping?.State !== "Enabled") {
        throw new Fault(
          mapping === undefined ? "no queue feeds it" : `what feeds it is ${mapping.State}`,
          "Deploy the pipeline stack again; messages wait in their queue meanwhile (runbook lost-queue-consumer).",
        );
      }
      return undefined;
    },
  };
}

function stateMachineCheck({ connection }: StageSession, name: string, arn: string): Check {
  return {
    name: `state machine ${name}`,
    run: async () => {
      const client = new SFNClient(connection.aws);
      try {
        const { status } = await client.send(new DescribeStateMachineCommand({ stateMachineArn: arn }));
        if (status !== "ACTIVE") throw new Fault(`it is ${status}`, "Deploy the pipeline stack again.");
        return undefined;
      } finally {
        client.destroy();
      }
    },
  };
}

function functionCheck(session: StageSession, name: string, physical: string): Check {
  return {
    name: `function ${name}`,
    run: async () => {
      const { State: state } = await session
        .lambda()
        .send(new GetFunctionConfigurationCommand({ FunctionName: physical }));
      if (state !== undefined && state !== "Active" && state !== "Inactive") {
        throw new Fault(
          `it is ${state}`,
          "Deploy the pipeline stack again; a VPC function needs free addresses.",
        );
      }
      return undefined;
    },
  };
}

function tableCheck(session: StageSession, name: string, physical: string): Check {
  return {
    name: `table ${name}`,
    run: async () => {
      const { Table: table } = await session.dynamo().send(new DescribeTableCommand({ TableName: physical }));
      if (table?.TableStatus !== "ACTIVE") {
        throw new Fault(`it is ${table?.TableStatus}`, "Wait for it to become ACTIVE, then look again.");
      }
      const indexes = table.GlobalSecondaryIndexes ?? [];
      const pending = indexes.find(
        ({ IndexStatus }) => IndexStatus !== undefined && IndexStatus !== "ACTIVE",
      );
      if (pending) {
        throw new Fault(
          `its index ${pending.IndexName} is ${pending.IndexStatus}`,
          "Wait until it is built.",
        );
      }
      return indexes.length > 0 ? indexes.map(({ IndexName }) => IndexName).join(", ") : undefined;
    },
  };
}

function bucketCheck({ connection, outputs }: StageSession): Check {
  return {
    name: "bucket",
    run: async () => {
      const client = new S3Client({
        ...connection.aws,
        forcePathStyle: connection.aws.endpoint !== undefined,
      });
      try {
        await client.send(new HeadBucketCommand({ Bucket: outputs.bucket }));
        return undefined;
      } finally {
        client.destroy();
      }
    },
  };
}

function searchCheck(session: StageSession): Check {
  return {
    name: "search index",
    run: async () => {
      const { hasTemplate, hasAlias, documents } = await inspectSearch(session.search());
      if (!hasTemplate || !hasAlias) {
        throw new Fault(
          `it lacks its ${hasTemplate ? "alias" : "template"}`,
          "Deploy again: the function apply-search-templates sets both.",
        );
      }
      return `${documents} documents`;
    },
  };
}

function cacheCheck(session: StageSession): Check {
  return {
    name: "cache, asked through read-context",
    run: async () => {
      const { cache } = await readRecentContext(session, NOBODY, 1);
      if (cache === "unavailable") {
        throw new Fault(
          "it does not answer; contexts come from the rows",
          "Read the log of read-context: it says which of address, network, TLS or IAM user is wrong.",
        );
      }
      return undefined;
    },
  };
}
