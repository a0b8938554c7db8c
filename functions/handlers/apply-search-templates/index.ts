import { applySearchTemplates } from "../../adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../adapters/opensearch/client.ts";
import { grantSearchRole } from "../../adapters/opensearch/grant-search-role.ts";
import { applySearchTemplatesEnv } from "./env.ts";

/** Run at each deployment: index templates, mappings and who may write are code. */
export const handler = async (): Promise<void> => {
  const env = applySearchTemplatesEnv();
  const client = createOpenSearchClient({ url: env.OPENSEARCH_URL, auth: env.OPENSEARCH_AUTH });
  await applySearchTemplates(client);
  const { OPENSEARCH_WRITER_ROLES: writers, OPENSEARCH_REPAIRER_ROLES: repairers } = env;
  const { OPENSEARCH_ERASER_ROLES: erasers, OPENSEARCH_READER_ROLES: readers } = env;
  if (writers.length > 0) await grantSearchRole(client, "hilo-writers", writers);
  if (repairers.length > 0) await grantSearchRole(client, "hilo-repairers", repairers);
  if (erasers.length > 0) await grantSearchRole(client, "hilo-erasers", erasers);
  if (readers.length > 0) await grantSearchRole(client, "hilo-readers", readers);
};
