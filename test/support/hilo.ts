import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** What a run of the command left behind. */
export interface HiloRun {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs `hilo` on the stage that this process's environment leads to. */
export function hilo(...args: string[]): Promise<HiloRun> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(ROOT, "cli", "main.ts"), ...args],
      // A shell may be prepared for a stage in AWS.
      { cwd: ROOT, env: { ...process.env, HILO_STAGE: "local" } },
      (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === "number" ? error.code : error ? 1 : 0,
          output: stdout,
          errors: stderr,
        }),
    );
  });
}

/** Runs `hilo … --json` and returns what it printed. @throws Error with its errors where it printed none */
export async function hiloJson<R>(...args: string[]): Promise<R> {
  const { output, errors } = await hilo(...args, "--json");
  if (output === "") throw new Error(`hilo ${args.join(" ")} printed nothing: ${errors}`);
  return JSON.parse(output) as R;
}
