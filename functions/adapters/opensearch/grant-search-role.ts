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

const READ = ["indices:data/read/search", "indices:admin/mappings/fields/get*", "indices:admin/refresh*"];

/** Deleting by a query scrolls, and deletes in bulk; a merge expunges what is deleted. */
const ERASE = [
  ...READ,
  "indices:data/read/scroll*",
  "indices:data/write/bulk*",
  "indices:data/write/delete*",
  "indices:admin/forcemerge*",
  "indices:monitor/stats*",
];

/** A scroll belongs to no index. */
const SCROLL = ["indices:data/read/scroll*"];

interface Rights {
  readonly months: readonly string[];
  /** Of indexes that were restored beside the months, under the name that the runbook gives them. */
  readonly restored?: readonly string[];
  /** Of none. */
  readonly cluster?: readonly string[];
}

/** Roles of fine-grained access control, and what each may do. */
const ROLES = {
  /** Index documents, and create the months for it. */
  "hilo-writers": { months: WRITE },
  /** Compare documents with rows: read them, and remove what has no row. */
  "hilo-repairers": {
    months: [...WRITE, "indices:data/read/search", "indices:data/write/delete", "indices:admin/refresh*"],
  },
  /** Read a person's documents. */
  "hilo-readers": { months: READ },
  /** Find and delete a person's documents, and expunge what is deleted; index nothing. */
  "hilo-erasers": { months: ERASE, cluster: SCROLL },
  /** People with the command: search, access reports, and the fences over what was restored. */
  "hilo-operators": { months: READ, restored: ERASE, cluster: SCROLL },
} as const satisfies Readonly<Record<string, Rights>>;

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
  const { months, restored = [], cluster = [] }: Rights = ROLES[role];
  const permissions = [
    { index_patterns: [INDEX_PATTERN, ALIAS], allowed_actions: [...months] },
    { index_patterns: [`restored-${INDEX_PATTERN}`], allowed_actions: [...restored] },
  ];
  try {
    await client.security.createRole({
      role,
      body: {
        cluster_permissions: ["indices:data/write/bulk", ...cluster],
        index_permissions: permissions.filter(({ allowed_actions }) => allowed_actions.length > 0),
      },
    });
    await client.security.createRoleMapping({ role, body: { backend_roles: [...roleArns] } });
  } catch (error) {
    throw openSearchFailure(error);
  }
}
