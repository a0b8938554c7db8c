import { applySearchTemplates } from "../functions/adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../functions/adapters/opensearch/client.ts";
import { LOOPBACK, type LocalConfig } from "./config.ts";
import type { Progress } from "./progress.ts";

/** Applies the index templates; in AWS a trigger of the deployment does this, inside the search domain's stack. */
export async function applyTemplates({ ports }: LocalConfig, progress: Progress): Promise<void> {
  const client = createOpenSearchClient({ url: `http://${LOOPBACK}:${ports.opensearch}` });
  try {
    await progress.step("index templates", () => applySearchTemplates(client));
  } finally {
    await client.close();
  }
}
