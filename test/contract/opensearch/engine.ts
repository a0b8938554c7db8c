import type { Client } from "@opensearch-project/opensearch";
import { applySearchTemplates } from "../../../functions/adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../../functions/adapters/opensearch/client.ts";
import { openEngines } from "../../support/stage.ts";

/** A client of the running OpenSearch, as the functions make it, on applied templates. */
export async function openOpenSearch(): Promise<{ client: Client; url: string; close(): Promise<void> }> {
  const engines = await openEngines();
  const url = engines.endpoints.opensearch;
  const client = createOpenSearchClient({ url });
  await applySearchTemplates(client);
  return {
    client,
    url,
    async close() {
      await client.close();
      await engines.close();
    },
  };
}
