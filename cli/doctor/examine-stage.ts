import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { awsError } from "../../functions/adapters/aws-errors.ts";
import { CommandFailure } from "../failure.ts";
import { connectTo, type StageConnection } from "../stage-connection.ts";
import { StageSession } from "../stage-session.ts";
import { stageChecks } from "./checks.ts";
import { type Check, Fault, type Finding } from "./finding.ts";

/** Examines a stage from the outside in; stops early where nothing further can be asked. */
export async function* examineStage(stage: string): AsyncGenerator<Finding> {
  const connection = connectTo(stage);
  for (const check of [region(connection), credentials(connection)]) {
    const finding = await examine(check);
    yield finding;
    if (finding.fault) return;
  }
  let session: StageSession | undefined;
  const finding = await examine({
    name: "stacks",
    run: async () => {
      session = await StageSession.open(stage);
      return `${Object.keys(session.outputs.tables).length} tables, ${Object.keys(session.outputs.functions).length} functions`;
    },
  });
  yield finding;
  if (!session) return;
  try {
    for (const check of stageChecks(session)) yield await examine(check);
  } finally {
    session.close();
  }
}

const region = ({ aws }: StageConnection): Check => ({
  name: "region",
  run: async () => {
    const client = new STSClient(aws);
    try {
      return await client.config.region();
    } finally {
      client.destroy();
    }
  },
});

const credentials = ({ aws }: StageConnection): Check => ({
  name: "credentials",
  run: async () => {
    const client = new STSClient(aws);
    try {
      const { Arn: arn } = await client.send(new GetCallerIdentityCommand({}));
      return arn;
    } finally {
      client.destroy();
    }
  },
});

async function examine({ name, run }: Check): Promise<Finding> {
  try {
    const detail = await run();
    return { check: name, ...(detail !== undefined && { detail }) };
  } catch (error) {
    return { check: name, fault: faultOf(name, error) };
  }
}

/** Cause and remedy. Our own errors say both, around a colon; the SDK's are translated first. */
function faultOf(check: string, error: unknown): { cause: string; remedy: string } {
  if (error instanceof Fault) return { cause: error.message, remedy: error.remedy };
  const { message } =
    error instanceof CommandFailure
      ? error
      : awsError(error, { store: "AWS", operation: "check", resource: check });
  const split = message.lastIndexOf(": ");
  return split < 0
    ? { cause: message, remedy: "Look at the function's log for more." }
    : { cause: message.slice(0, split), remedy: message.slice(split + 2) };
}
