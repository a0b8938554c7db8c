import { applySearchTemplates } from "../../adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { grantSearchRole } from "../../adapters/opensearch/grant-search-role.ts";
import { applySearchTemplatesEnv } from "./env.ts";

/** Run at each deployment: index templates, mappings and who may write are code. */
export const handler = async (): Promise<void> => {
  const env = applySearchTemplatesEnv();
  const client = createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH });
  await applySearchTemplates(client);
  // Only a domain with fine-grained access control has roles. Operators may be none: then nobody is one any more.
  if (env.OPENSEARCH_WRITER_ROLES.length === 0) return;
  await grantSearchRole(client, "hilo-writers", env.OPENSEARCH_WRITER_ROLES);
  await grantSearchRole(client, "hilo-repairers", env.OPENSEARCH_REPAIRER_ROLES);
  await grantSearchRole(client, "hilo-erasers", env.OPENSEARCH_ERASER_ROLES);
  await grantSearchRole(client, "hilo-readers", env.OPENSEARCH_READER_ROLES);
  await grantSearchRole(client, "hilo-operators", env.OPENSEARCH_OPERATOR_ROLES);
};
