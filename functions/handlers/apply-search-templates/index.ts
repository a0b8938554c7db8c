import { applySearchTemplates } from "../../adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { applySearchTemplatesEnv } from "./env.ts";

/** Run at each deployment: index templates and mappings are code. */
export const handler = async (): Promise<void> => {
  const env = applySearchTemplatesEnv();
  await applySearchTemplates(createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH }));
};
