/** What the `hilo` command takes from its environment; the only file of `cli` that reads it. */
export interface CliEnvironment {
  /** Stage that commands work on unless `--stage` says otherwise. */
  readonly stage: string;
}

/** Reads `HILO_STAGE` (default `local`). Region and credentials of an AWS stage are read by the SDK itself. */
export function readCliEnvironment(environment: NodeJS.ProcessEnv = process.env): CliEnvironment {
  return { stage: environment["HILO_STAGE"] || "local" };
}
