import type { ErasureInput } from "../contracts/user-erasure.ts";

/** Executions of the state machine `user-erasure`. */
export interface ErasureExecutions {
  /**
   * Starts one, named `<request id>-<attempt>`. One of that name that was started before is left as it is.
   * @throws TransientError | PermanentError that name store, cause and remedy
   */
  start(input: ErasureInput, attempt: number): Promise<void>;

  /** Ids of the requests that an execution works on now. @throws TransientError | PermanentError */
  running(): Promise<ReadonlySet<string>>;
}
