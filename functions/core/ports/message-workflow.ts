import type { PipelineInput, PipelineOutcomes } from "../contracts/pipeline.ts";

/** The state machine `message-pipeline`. */
export interface MessageWorkflow {
  /**
   * Runs one batch to its end.
   * @throws TransientError when the run failed, timed out or could not be started: nothing may be acknowledged.
   */
  run(input: PipelineInput): Promise<PipelineOutcomes>;
}
