import type { Client } from "@opensearch-project/opensearch";
import { openSearchFailure } from "./errors.ts";
import { ALIAS, TEMPLATE_NAME } from "./index-template.ts";

/** How a domain stands. */
export interface SearchState {
  readonly hasTemplate: boolean;
  readonly hasAlias: boolean;
  /** Live and deleted documents, as far as refreshed. */
  readonly documents: number;
}

/** Looks at template, alias and number of documents. @throws TransientError | PermanentError */
export async function inspectSearch(client: Client): Promise<SearchState> {
  try {
    const [template, alias] = await Promise.all([
      client.indices.existsIndexTemplate({ name: TEMPLATE_NAME }),
      client.indices.existsAlias({ name: ALIAS }),
    ]);
    const documents = alias.body ? (await client.count({ index: ALIAS })).body.count : 0;
    return { hasTemplate: template.body, hasAlias: alias.body, documents };
  } catch (error) {
    throw openSearchFailure(error);
  }
}
