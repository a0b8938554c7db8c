import type { Client } from "@opensearch-project/opensearch";
import { afterAll } from "vitest";
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

/** Months of the last century that nobody else uses; their indexes are removed after the tests. */
export function monthsOf(client: Client): () => string {
  const months: string[] = [];
  afterAll(async () => {
    for (const month of months) {
      await client.indices.delete({ index: `conversations-${month}`, ignore_unavailable: true });
    }
  });
  return () => {
    const month = `19${10 + (process.pid % 60)}-${String(months.length + 1).padStart(2, "0")}`;
    months.push(month);
    return month;
  };
}

/** The mapping of an index. */
export async function mappingOf(client: Client, name: string) {
  const { body } = await client.indices.getMapping({ index: name });
  return body[name]?.mappings as { properties: Record<string, unknown> };
}
