import { type Client, errors } from "@opensearch-project/opensearch";
import { type Clock, systemClock } from "../../core/domain/clock.ts";
import { openSearchFailure } from "./errors.ts";
import {
  ALIAS,
  EXPUNGE_ALL,
  INDEX_PATTERN,
  INDEX_TEMPLATE,
  indexOf,
  PROPERTIES,
  TEMPLATE_NAME,
} from "./index-template.ts";

/**
 * Brings a domain to this version's template: new months follow it, existing ones gain new fields and the alias,
 * and this month's index exists, so that a search works before the first message. Changes no document;
 * applying it again changes nothing.
 * @throws TransientError | PermanentError; a month whose mapping contradicts this one must be reindexed
 */
export async function applySearchTemplates(client: Client, clock: Clock = systemClock): Promise<void> {
  try {
    await client.indices.putIndexTemplate({ name: TEMPLATE_NAME, body: INDEX_TEMPLATE });
    await createIndex(client, indexOf(clock().toISOString()));
    await client.indices.putMapping({ index: INDEX_PATTERN, body: { properties: PROPERTIES } });
    await client.indices.putSettings({ index: INDEX_PATTERN, body: { index: EXPUNGE_ALL } });
    await client.indices.updateAliases({
      body: { actions: [{ add: { index: INDEX_PATTERN, alias: ALIAS } }] },
    });
  } catch (error) {
    throw openSearchFailure(error);
  }
}

async function createIndex(client: Client, index: string): Promise<void> {
  try {
    await client.indices.create({ index });
  } catch (error) {
    const exists =
      error instanceof errors.ResponseError && error.message.includes("resource_already_exists_exception");
    if (!exists) throw error;
  }
}
