import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { erasureInputSchema } from "../../core/contracts/user-erasure.ts";
import type { ErasureExecutions } from "../../core/ports/erasure-executions.ts";
import { awsError } from "../aws-errors.ts";

/** A request's id, with which the names of executions begin that `hilo` and the daily look start. */
const ID_IN_NAME = /^er-\d{8}T\d{6}-[0-9a-f]{12}(?=-)/;

/** The Standard state machine `user-erasure`. */
export function createErasureExecutions(deps: {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
}): ErasureExecutions {
  const { client, stateMachineArn } = deps;
  const failure = (operation: string, error: unknown): Error =>
    awsError(error, { store: "Step Functions", operation, resource: "user-erasure" });

  /** Executions that an event, the console or an SDK started have any name: their input says what they work on. */
  async function requestOf(executionArn: string): Promise<string[]> {
    const { input } = await client
      .send(new DescribeExecutionCommand({ executionArn }))
      .catch((error: unknown) => {
        throw failure("DescribeExecution", error);
      });
    const parsed = erasureInputSchema.safeParse(JSON.parse(input ?? "null"));
    return parsed.success ? [parsed.data.request_id] : [];
  }

  return {
    async start(input, attempt) {
      const name = `${input.request_id}-${attempt}`;
      try {
        await client.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw failure("StartExecution", error);
      }
    },

    async running() {
      const ids = new Set<string>();
      let nextToken: string | undefined;
      do {
        const page = await client
          .send(new ListExecutionsCommand({ stateMachineArn, statusFilter: "RUNNING", nextToken }))
          .catch((error: unknown) => {
            throw failure("ListExecutions", error);
          });
        for (const { name = "", executionArn = "" } of page.executions ?? []) {
          const named = ID_IN_NAME.exec(name)?.[0];
          for (const id of named === undefined ? await requestOf(executionArn) : [named]) ids.add(id);
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return ids;
    },
  };
}
