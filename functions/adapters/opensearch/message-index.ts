import type { Client } from "@opensearch-project/opensearch";
import { utf8Bytes } from "../../core/domain/json.ts";
import type { StoredMessage } from "../../core/domain/message.ts";
import type { IndexResult, MessageIndex } from "../../core/ports/message-index.ts";
import { openSearchFailure } from "./errors.ts";
import { PROPERTIES } from "./index-template.ts";
import { actionOf, documentOf, type VersionRule } from "./message-document.ts";

/** Half of what the smallest AWS domains accept in one request (10 MiB). */
const MAX_BULK_BYTES = 5 * 1024 * 1024;

type BulkItem = {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string | null } | undefined;
};

/**
 * The search index in OpenSearch: one bulk call a batch, split only where it would be too large to send.
 * @param rule for repairs `external_gte`: the same revision is written again. @default "external"
 */
export const createMessageIndex = (client: Client, rule: VersionRule = "external"): MessageIndex => ({
  async index(rows: readonly StoredMessage[]): Promise<IndexResult[]> {
    const results: IndexResult[] = [];
    for (const body of bulkBodies(rows, rule)) results.push(...(await bulk(client, body)));
    return results;
  },
});

type Line = ReturnType<typeof actionOf> | ReturnType<typeof documentOf>;

async function bulk(client: Client, body: Line[]): Promise<IndexResult[]> {
  try {
    const response = await client.bulk({ body });
    return response.body.items.map((item) => resultOf(item.index));
  } catch (error) {
    throw openSearchFailure(error);
  }
}

/** The rows' actions and documents, in order, in bodies that can be sent. */
function bulkBodies(rows: readonly StoredMessage[], rule: VersionRule): Line[][] {
  const bodies: Line[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const lines = [actionOf(row, rule), documentOf(row)];
    const size = utf8Bytes(JSON.stringify(lines));
    if (bytes + size > MAX_BULK_BYTES) {
      bodies.push([]);
      bytes = 0;
    }
    bodies.at(-1)?.push(...lines);
    bytes += size;
  }
  return bodies;
}

function resultOf(item: BulkItem | undefined): IndexResult {
  const status = item?.status ?? 0;
  if (status === 200 || status === 201) return { status: "indexed" };
  if (status === 409) return { status: "current" };
  const type = /^[a-z_]{1,80}$/.exec(item?.error?.type ?? "")?.[0] ?? "unknown";
  if (status === 429 || status >= 500) {
    return { status: "failed", reason: `OpenSearch: busy or failing (${status} ${type}): try again` };
  }
  const field = fieldIn(item?.error?.reason ?? "");
  return {
    status: "failed",
    reason: `OpenSearch: document refused (${status} ${type}${field ? `, field ${field}` : ""}): check the row against the mapping`,
  };
}

/** The field an error names. Only names of the mapping leave here: the rest of the text quotes the value. */
function fieldIn(reason: string): string | undefined {
  const name = /field[ =]*[["]+([a-z_]+)/.exec(reason)?.[1];
  return name !== undefined && Object.hasOwn(PROPERTIES, name) ? name : undefined;
}
