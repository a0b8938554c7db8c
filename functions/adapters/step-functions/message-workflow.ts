import { type SFNClient, StartSyncExecutionCommand } from "@aws-sdk/client-sfn";
import type { PipelineOutcomes } from "../../core/contracts/pipeline.ts";
import { TransientError } from "../../core/domain/errors.ts";
import type { MessageWorkflow } from "../../core/ports/message-workflow.ts";
import { awsError } from "../aws-errors.ts";

/** The Express state machine `message-pipeline`, run synchronously. */
export function createMessageWorkflow(deps: {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
}): MessageWorkflow {
  return {
    async run(input) {
      const command = new StartSyncExecutionCommand({
        stateMachineArn: deps.stateMachineArn,
        input: JSON.stringify(input),
      });
      const result = await deps.client.send(command).catch((error: unknown) => {
        throw awsError(error, {
          store: "Step Functions",
          operation: "StartSyncExecution",
          resource: "message-pipeline",
        });
      });
      // A synchronous call answers 200 for a failed run too. Its cause may quote data: only the name is kept.
      if (result.status !== "SUCCEEDED" || result.output === undefined) {
        throw new TransientError(
          `Step Functions: message-pipeline ended ${result.status} (${result.error ?? "no error name"})`,
        );
      }
      return JSON.parse(result.output) as PipelineOutcomes;
    },
  };
}
