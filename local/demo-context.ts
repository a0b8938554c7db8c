import type { AwsClientOptions } from "../cli/stage-connection.ts";
import type { StageOutputs } from "../cli/stage-outputs.ts";
import type { LocalConfig } from "./config.ts";
import type { Progress } from "./progress.ts";

/** What the demonstration of `npm start` works with. */
export interface DemoContext {
  readonly config: LocalConfig;
  /** Options for AWS clients of the emulator. */
  readonly aws: AwsClientOptions;
  readonly outputs: StageOutputs;
  readonly progress: Progress;
  /** Aborts when the stage is told to end; the demonstration must then end soon. */
  readonly signal: AbortSignal;
}
