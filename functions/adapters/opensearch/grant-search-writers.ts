import type { Client } from "@opensearch-project/opensearch";
import { openSearchFailure } from "./errors.ts";
import { INDEX_PATTERN } from "./index-template.ts";

/** Role of fine-grained access control: index into the months, create them; read and delete nothing. */
const ROLE = "hilo-writers";

/**
 * Lets IAM roles write documents, and no others: the mapping is replaced as a whole. Only for domains with
 * fine-grained access control; applying it again changes nothing.
 * @param roleArns ARNs of the roles of the functions that index
 * @throws TransientError | PermanentError
 */
export async function grantSearchWriters(client: Client, roleArns: readonly string[]): Promise<void> {
  try {
    await client.security.createRole({
      role: ROLE,
      body: {
        cluster_permissions: ["indices:data/write/bulk"],
        index_permissions: [
          {
            index_patterns: [INDEX_PATTERN],
            allowed_actions: [
              "indices:data/write/index",
              "indices:data/write/bulk*",
              "indices:admin/create",
              "indices:admin/auto_create",
              "indices:admin/mapping/put",
            ],
          },
        ],
      },
    });
    await client.security.createRoleMapping({ role: ROLE, body: { backend_roles: [...roleArns] } });
  } catch (error) {
    throw openSearchFailure(error);
  }
}
