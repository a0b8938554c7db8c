import { readLocalConfig } from "../../local/config.ts";
import { ensureSpark, type SparkPlaces, sparkPlaces } from "../../local/engines/spark.ts";
import { openLifetime } from "../../local/lifetime.ts";
import { createProgress } from "../../local/progress.ts";

/** Milliseconds that Spark may take to be fetched and installed. */
export const INSTALLATION = 900_000;
/** Milliseconds that a job may take here. */
export const JOB = 300_000;

/** Installs Spark where it is not there yet. */
export async function installedSpark(): Promise<SparkPlaces> {
  const config = readLocalConfig();
  const lifetime = openLifetime({ followParent: false });
  try {
    await ensureSpark({ config, progress: createProgress(), lifetime });
  } finally {
    lifetime.close();
  }
  return sparkPlaces(config);
}
