import { applySearchTemplates } from "../../adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { grantSearchWriters } from "../../adapters/opensearch/grant-search-writers.ts";
import { applySearchTemplatesEnv } from "./env.ts";

/** Run at each deployment: index templates, mappings and who may write are code. */
export const handler = async (): Promise<void> => {
  const env = applySearchTemplatesEnv();
  const client = createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH });
  await applySearchTemplates(client);
  if (env.OPENSEARCH_WRITER_ROLES.length > 0) await grantSearchWriters(client, env.OPENSEARCH_WRITER_ROLES);
};
