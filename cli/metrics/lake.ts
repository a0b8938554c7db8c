import { join } from "node:path";
import { AthenaClient } from "@aws-sdk/client-athena";
import { createQueryRunner } from "../../functions/adapters/athena/query-runner.ts";
import { createObjectStore } from "../../functions/adapters/s3/object-store.ts";
import type { ObjectStore } from "../../functions/core/ports/object-store.ts";
import type { AskQueryDeps } from "../../functions/core/use-cases/ask-query.ts";
import { readQueryFiles } from "../../functions/runtime/query-files.ts";
import { endpointsOf, readLocalConfig } from "../../local/config.ts";
import { currentPorts } from "../../local/run-file.ts";
import { CommandFailure } from "../failure.ts";
import type { StageSession } from "../stage-session.ts";

const QUERIES = join(import.meta.dirname, "..", "..", "queries");

/** What commands read the lake with. */
export interface Lake extends AskQueryDeps {
  readonly objects: ObjectStore;
}

/**
 * Works with a stage's lake and lets go of it. What is wrong with a query's name or values becomes one line.
 * @throws CommandFailure where the stage has no lake, or the question makes no sense
 */
export async function withLake<T>(session: StageSession, work: (lake: Lake) => Promise<T>): Promise<T> {
  const { lake, bucket } = session.outputs;
  if (lake === undefined)
    throw new CommandFailure(
      "The stage has no lake (outputs GlueDatabase, AthenaWorkgroup): deploy it again",
    );
  const client = new AthenaClient(athenaOptions(session));
  try {
    return await work({
      queries: readQueryFiles(QUERIES),
      runner: createQueryRunner({ client, workGroup: lake.workGroup, database: lake.database }),
      timeZone: lake.timeZone,
      objects: createObjectStore({ client: session.s3(), bucket }),
    });
  } catch (error) {
    if (error instanceof RangeError) throw new CommandFailure(error.message);
    throw error;
  } finally {
    client.destroy();
  }
}

/** On the local stage Athena has an endpoint of its own. */
function athenaOptions({ connection }: StageSession): StageSession["connection"]["aws"] {
  if (connection.stage !== "local") return connection.aws;
  const { athena } = endpointsOf(currentPorts(readLocalConfig()));
  if (athena === null)
    throw new CommandFailure("The local stage runs without Athena: set HILO_ATHENA_PORT and start it again");
  return { ...connection.aws, endpoint: athena };
}
