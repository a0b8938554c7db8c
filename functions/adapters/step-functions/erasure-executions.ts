import {
  ExecutionAlreadyExists,
  ListExecutionsCommand,
  type SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import type { ErasureExecutions } from "../../core/ports/erasure-executions.ts";
import { awsError } from "../aws-errors.ts";

/** Length of a request's id, with which the name of each of its executions begins. */
const ID_LENGTH = "er-20261121T120000-0123456789ab".length;

/** The Standard state machine `user-erasure`. */
export function createErasureExecutions(deps: {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
}): ErasureExecutions {
  const { client, stateMachineArn } = deps;
  const failure = (operation: string, error: unknown): Error =>
    awsError(error, { store: "Step Functions", operation, resource: "user-erasure" });

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
        for (const { name = "" } of page.executions ?? []) ids.add(name.slice(0, ID_LENGTH));
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return ids;
    },
  };
}
