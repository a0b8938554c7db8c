import { endpointsOf, readLocalConfig } from "../local/config.ts";
import { checkEngines } from "../local/engine-check.ts";
import { currentPorts } from "../local/run-file.ts";
import { CommandFailure } from "./failure.ts";
import { connectTo } from "./stage-connection.ts";
import { readStageOutputs, type StageOutputs } from "./stage-outputs.ts";

/** What `hilo status --json` prints; keys may be added, none changes. Names are null while nothing is deployed. */
export interface StageStatus {
  readonly stage: string;
  readonly ready: boolean;
  readonly endpoints: {
    readonly aws: string | null;
    readonly redis: string | null;
    readonly opensearch: string | null;
    /** Athena's API on the local stage; null in AWS, where the SDK knows it. */
    readonly athena: string | null;
  };
  readonly names: {
    readonly tables: Readonly<Record<string, string>>;
    readonly bucket: string | null;
    readonly queue: string | null;
    readonly deadLetterQueue: string | null;
    readonly stateMachines: Readonly<Record<string, string>>;
  };
}

/** A stage's status, and what keeps it from being ready. */
export interface StatusReport {
  readonly status: StageStatus;
  readonly problems: readonly string[];
}

/** Asks a stage how it is: every engine of the local one, and the stacks of any. */
export async function readStatus(stage: string): Promise<StatusReport> {
  const local = stage === "local" ? await readLocalState() : undefined;
  const problems = [...(local?.problems ?? [])];
  let outputs: StageOutputs | undefined;
  try {
    outputs = await readStageOutputs(connectTo(stage));
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    // What keeps the engines from answering also keeps the stacks from being read; one reason is enough.
    if (problems.length === 0) problems.push(error.message);
  }
  const endpoints = local?.endpoints ?? {
    aws: null,
    redis: outputs?.redisUrl ?? null,
    opensearch: outputs?.openSearchUrl ?? null,
    athena: null,
  };
  return { status: { stage, ready: problems.length === 0, endpoints, names: namesOf(outputs) }, problems };
}

function namesOf(outputs: StageOutputs | undefined): StageStatus["names"] {
  return {
    tables: outputs?.tables ?? {},
    bucket: outputs?.bucket ?? null,
    queue: outputs?.queue ?? null,
    deadLetterQueue: outputs?.deadLetterQueue ?? null,
    stateMachines: outputs?.stateMachines ?? {},
  };
}

async function readLocalState(): Promise<{ endpoints: StageStatus["endpoints"]; problems: string[] }> {
  const config = readLocalConfig();
  const { phase, silent } = await checkEngines(config);
  const problems: string[] = [];
  if (silent.length > 0) problems.push(`${silent.join(", ")} not answering: start with npx hilo up`);
  else if (phase !== "ready")
    problems.push(`the stage is not deployed yet (${phase ?? "engines of somebody else"})`);
  return { endpoints: endpointsOf(currentPorts(config)), problems };
}
