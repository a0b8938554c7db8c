import { readLocalConfig } from "../local/config.ts";
import { ensureSpark } from "../local/engines/spark.ts";
import { openLifetime } from "../local/lifetime.ts";
import { createProgress } from "../local/progress.ts";

/** Installs Spark for the Glue jobs of the local stage, where it is not there yet; progress goes to stderr. */
export async function installSpark(): Promise<void> {
  const lifetime = openLifetime({ followParent: false });
  try {
    await ensureSpark({ config: readLocalConfig(), progress: createProgress(process.stderr), lifetime });
  } finally {
    lifetime.close();
  }
}
