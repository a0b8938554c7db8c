import { randomUUID } from "node:crypto";
import { Client } from "@opensearch-project/opensearch";
import { afterAll, describe, expect, it } from "vitest";
import { createOpenSearchClient } from "../../../functions/adapters/opensearch/client.ts";
import {
  INDEX_TEMPLATE,
  indexOf,
  TEMPLATE_NAME,
} from "../../../functions/adapters/opensearch/index-template.ts";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { createSearchStore } from "../../../functions/adapters/opensearch/search-store.ts";
import { TransientError } from "../../../functions/core/domain/errors.ts";
import { aStoredMessage } from "../../support/builders.ts";
import { aPace, aTarget } from "../../support/erasure-targets.ts";
import { type Placed, personalStoreSuite } from "../suites/personal-store.ts";
import { monthsOf, openOpenSearch } from "./engine.ts";

const { client, url, close } = await openOpenSearch();
/** Writes many documents; the functions' client gives up after 4 seconds. */
const patient = new Client({ node: url });
const away = createOpenSearchClient({ url: "http://127.0.0.1:1" });
afterAll(async () => {
  await Promise.all([away.close(), patient.close()]);
  await close();
});
const aMonth = monthsOf(client);
const index = createMessageIndex(patient);
const store = createSearchStore(client);
const [month, closedMonth, textMonth, looseMonth] = [aMonth(), aMonth(), aMonth(), aMonth()];

const rowsOf = ({ user_id, generation, count = 1, canary = "hola" }: Placed, timestamp: string) =>
  Array.from({ length: count }, (_, nth) =>
    aStoredMessage({
      user_id,
      generation,
      message_id: `m-${generation}-${nth}`,
      timestamp,
      content: canary,
      metadata: { intent: canary },
      ai_model_used: canary,
    }),
  );

/** Not refreshed: the store must do that. */
async function place(data: readonly Placed[], inMonth = month): Promise<void> {
  const results = await index.index(data.flatMap((one) => rowsOf(one, `${inMonth}-01T00:00:00.000Z`)));
  expect(results.every(({ status }) => status === "indexed")).toBe(true);
}

/** Everything a client can be shown of a month. */
async function everything(): Promise<string> {
  await client.indices.refresh({ index: "conversations-*" });
  const { body } = await client.search({
    index: "conversations-*",
    body: { size: 10_000, query: { match_all: {} } },
  });
  return JSON.stringify(body.hits.hits);
}

/** Documents of an id, read one by one past the index's analysis of it. */
async function heldOf(userId: string): Promise<number> {
  await client.indices.refresh({ index: "conversations-*" });
  const { body } = await client.count({
    index: "conversations-*",
    body: { query: { terms: { user_id: [userId] } } },
  });
  return body.count;
}

/** The client with another way to delete. */
const withDelete = (deleteByQuery: Client["deleteByQuery"]): Client =>
  Object.assign(Object.create(client) as Client, { deleteByQuery });

personalStoreSuite("OpenSearch", async () => ({
  store,
  place: (data) => place(data),
  heldOf,
  raw: everything,
  many: 10_100,
  steps: 6,
  dying(at) {
    let moments = 0;
    const live = (): void => {
      if (moments++ >= at) throw new TransientError("killed");
    };
    const mortal = async (...args: unknown[]) => {
      live();
      const result = await (client.deleteByQuery as (...all: unknown[]) => Promise<unknown>)(...args);
      live();
      return result;
    };
    return createSearchStore(withDelete(mortal as unknown as Client["deleteByQuery"]));
  },
  away: createSearchStore(away),
  name: /OpenSearch/,
}));

describe("The search index, erased", () => {
  const aPerson = (): string => `web:${randomUUID()}`;

  it("reaches every month, also one that is not behind the alias, and however a document was routed", async () => {
    const user_id = aPerson();
    const today = indexOf(new Date().toISOString());
    await place([{ user_id, generation: 1 }]);
    await place([{ user_id, generation: 1 }], looseMonth);
    await place([{ user_id, generation: 1 }], today.slice("conversations-".length));
    await client.indices.deleteAlias({ index: `conversations-${looseMonth}`, name: "conversations" });
    const stray = { user_id, message_id: "stray", timestamp: "2026-11-20T12:00:00.000Z" };
    await client.index({
      index: `conversations-${month}`,
      id: randomUUID(),
      routing: "elsewhere",
      body: stray,
    });
    expect((await store.count([aTarget(user_id)]))[0]?.items).toBe(4);
    expect((await store.erase([aTarget(user_id)], aPace())).removed[0]?.items).toBe(4);
    expect((await store.verify([aTarget(user_id)]))[0]?.items).toBe(0);
    expect(await heldOf(user_id)).toBe(0);
  });

  it("removes in the next round what changed while it was deleted", async () => {
    const user_id = aPerson();
    await place([{ user_id, generation: 1, count: 5 }]);
    let rounds = 0;
    const overtaken = (async (...args: unknown[]) => {
      rounds += 1;
      const result = await (client.deleteByQuery as (...all: unknown[]) => Promise<{ body: object }>)(
        ...args,
      );
      // As if the first round had met documents that others were changing.
      if (rounds > 1) return result;
      await place([{ user_id, generation: 1 }]).catch(() => undefined);
      await client.index({
        index: `conversations-${month}`,
        body: { user_id, message_id: "late", timestamp: `${month}-01T00:00:00.000Z`, generation: 1 },
        refresh: true,
      });
      return { ...result, body: { ...result.body, version_conflicts: 1 } };
    }) as unknown as Client["deleteByQuery"];
    await createSearchStore(withDelete(overtaken)).erase([aTarget(user_id)], aPace());
    expect(rounds).toBeGreaterThan(1);
    expect((await store.verify([aTarget(user_id)]))[0]?.items).toBe(0);
  });

  it("does not take a shard's silence, a failure or endless conflicts for an end", async () => {
    const user_id = aPerson();
    await place([{ user_id, generation: 1 }]);
    const answering = (body: object): Client["deleteByQuery"] =>
      (async () => ({
        body: { total: 1, deleted: 0, version_conflicts: 0, failures: [], ...body },
      })) as unknown as Client["deleteByQuery"];
    for (const body of [{ version_conflicts: 1 }, { failures: [{ cause: "x" }] }]) {
      const eraser = createSearchStore(withDelete(answering(body)));
      await expect(eraser.erase([aTarget(user_id)], aPace())).rejects.toBeInstanceOf(TransientError);
    }
    const silent = Object.assign(Object.create(client) as Client, {
      search: async () => ({ body: { _shards: { failed: 1 }, hits: { hits: [] } } }),
    });
    await expect(createSearchStore(silent).verify([aTarget(user_id)])).rejects.toThrow(
      /shards did not answer/,
    );
    expect(await heldOf(user_id)).toBe(1);
  });

  it("asks, when all are gone, for the merge that takes them out of the files: of months that are over, once", async () => {
    const user_id = aPerson();
    const merged: unknown[] = [];
    const indices = Object.assign(Object.create(client.indices) as Client["indices"], {
      forcemerge: async (request: unknown) => merged.push(request),
    });
    const eraser = createSearchStore(Object.create(client, { indices: { value: indices } }) as Client);
    const today = new Date().toISOString().slice(0, 7);
    for (const one of [month, today]) await place([{ user_id, generation: 1 }], one);
    await eraser.erase([aTarget(user_id)], aPace());
    expect(merged).toEqual([]);
    for (let pass = 0; pass < 2; pass += 1) await eraser.erase([aTarget(user_id)], aPace());
    expect(merged).toHaveLength(1);
    expect(merged[0]).toMatchObject({ only_expunge_deletes: true, wait_for_completion: false });
    const { index: months } = merged[0] as { readonly index: readonly string[] };
    expect(months).toContain(`conversations-${month}`);
    expect(months).not.toContain(`conversations-${today}`);
    const { body } = await client.indices.getSettings({
      index: `conversations-${month}`,
      flat_settings: true,
    });
    expect(JSON.stringify(body)).toContain('"index.merge.policy.expunge_deletes_allowed":"0"');
  });

  it("is an error where a month is closed, read-only, or does not know ids as keywords", async () => {
    const user_id = aPerson();
    await client.indices.create({ index: `conversations-${closedMonth}` });
    await client.indices.close({ index: `conversations-${closedMonth}` });
    await expect(store.verify([aTarget(user_id)])).rejects.toMatchObject({
      name: "PermanentError",
      message: expect.stringContaining("a month is closed"),
    });
    await client.indices.delete({ index: `conversations-${closedMonth}` });

    await place([{ user_id, generation: 1 }]);
    const blocked = (write: boolean) =>
      client.indices.putSettings({ index: `conversations-${month}`, body: { "index.blocks.write": write } });
    await blocked(true);
    const error: unknown = await store.erase([aTarget(user_id)], aPace()).catch((thrown: unknown) => thrown);
    await blocked(false);
    expect(String(error)).toMatch(/OpenSearch: (a month is read-only|documents could not be deleted)/);

    await client.indices.deleteIndexTemplate({ name: "conversations" });
    try {
      const text = { properties: { user_id: { type: "text" as const } } };
      await client.indices.create({ index: `conversations-${textMonth}`, body: { mappings: text } });
      for (const call of [
        () => store.count([aTarget(user_id)]),
        () => store.erase([aTarget(user_id)], aPace()),
      ])
        await expect(call()).rejects.toMatchObject({
          name: "PermanentError",
          message: expect.stringMatching(/user_id is of type text in conversations-.*: .*reindex/),
        });
    } finally {
      await client.indices.delete({ index: `conversations-${textMonth}` });
      await client.indices.putIndexTemplate({ name: TEMPLATE_NAME, body: INDEX_TEMPLATE });
    }
  });
});
