import type { LocalConfig } from "../config.ts";
import type { Lifetime } from "../lifetime.ts";
import type { Progress } from "../progress.ts";

/** One program that stands for an AWS service on the local stage. To add one, write its module and list it in `registry.ts`. */
export interface Engine {
  /** Short name, also of its log and its data folder. */
  readonly name: string;
  /** What it stands for. */
  readonly standsFor: string;
  /**
   * When it starts: `first`; `last`, because it runs Hilo's functions against the others, and stops before them; or
   * `beside` everything else, because nothing that starts or is deployed needs it.
   */
  readonly starts: "first" | "last" | "beside";
  /** Fetches the program if it is not there yet. Safe to interrupt and to repeat. */
  install(context: InstallContext): Promise<void>;
  /** Starts the program; `ready` says when it answers. */
  start(): EngineProcess;
  /** Whether it answers now; never throws. */
  ready(): Promise<boolean>;
  /** Stops what `start` returned, keeping its state; ends it the hard way after a grace period. */
  stop(started: EngineProcess): Promise<void>;
  /** Path of the file that receives what it prints. */
  logs(): string;
}

/** A started engine. */
export interface EngineProcess {
  readonly pid: number;
  /** Resolves to how it ended (`exit code 1`, `SIGKILL`), whenever that is. */
  readonly ended: Promise<string>;
}

/** What an installation may use. */
export interface InstallContext {
  readonly config: LocalConfig;
  readonly progress: Progress;
  readonly lifetime: Lifetime;
}
