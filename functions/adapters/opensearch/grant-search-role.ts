import type { Client } from "@opensearch-project/opensearch";
import { openSearchFailure } from "./errors.ts";
import { ALIAS, INDEX_PATTERN } from "./index-template.ts";

const WRITE = [
  "indices:data/write/index",
  "indices:data/write/bulk*",
  "indices:admin/create",
  "indices:admin/auto_create",
  "indices:admin/mapping/put",
];

/** Roles of fine-grained access control, and what each may do with the months. */
const ROLES = {
  /** Index documents, and create the months for it. */
  "hilo-writers": WRITE,
  /** Compare documents with rows: read them, and remove what has no row. */
  "hilo-repairers": [
    ...WRITE,
    "indices:data/read/search",
    "indices:data/write/delete",
    "indices:admin/refresh*",
  ],
  /** Read a person's documents. */
  "hilo-readers": [
    "indices:data/read/search",
    "indices:admin/mappings/fields/get*",
    "indices:admin/refresh*",
  ],
  /**
   * Find and delete a person's documents, and expunge what is deleted; index nothing. Deleting by a query scrolls, and
   * deletes in bulk.
   */
  "hilo-erasers": [
    "indices:data/read/search",
    "indices:data/read/scroll*",
    "indices:data/write/bulk*",
    "indices:data/write/delete*",
    "indices:admin/forcemerge*",
    "indices:admin/mappings/fields/get*",
    "indices:admin/refresh*",
    "indices:monitor/stats*",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** What a role needs beyond the months: a scroll belongs to no index. */
const CLUSTER: Readonly<Partial<Record<keyof typeof ROLES, readonly string[]>>> = {
  "hilo-erasers": ["indices:data/read/scroll*"],
};

/**
 * Gives IAM roles one of our security roles, and nobody else: the mapping is replaced as a whole. Only for domains
 * with fine-grained access control; applying it again changes nothing.
 * @param roleArns ARNs of the functions' roles
 * @throws TransientError | PermanentError
 */
export async function grantSearchRole(
  client: Client,
  role: keyof typeof ROLES,
  roleArns: readonly string[],
): Promise<void> {
  try {
    await client.security.createRole({
      role,
      body: {
        cluster_permissions: ["indices:data/write/bulk", ...(CLUSTER[role] ?? [])],
        index_permissions: [{ index_patterns: [INDEX_PATTERN, ALIAS], allowed_actions: [...ROLES[role]] }],
      },
    });
    await client.security.createRoleMapping({ role, body: { backend_roles: [...roleArns] } });
  } catch (error) {
    throw openSearchFailure(error);
  }
}
