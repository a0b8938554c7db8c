import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "@opensearch-project/opensearch";
import { afterAll, describe, expect, it } from "vitest";
import { applySearchTemplates } from "../../../functions/adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../../functions/adapters/opensearch/client.ts";
import { PROPERTIES } from "../../../functions/adapters/opensearch/index-template.ts";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { createMessageSearch } from "../../../functions/adapters/opensearch/message-search.ts";
import { documentId } from "../../../functions/core/domain/key-chain.ts";
import { aStoredMessage, fixedClock } from "../../support/builders.ts";
import { openOpenSearch } from "./engine.ts";

const { client, close } = await openOpenSearch();
afterAll(close);
const index = createMessageIndex(client);
const search = createMessageSearch(client);
const person = () => `whatsapp:+${randomUUID()}`;
const refresh = () => client.indices.refresh({ index: "conversations" });
const mappingOf = async (name: string) =>
  (await client.indices.getMapping({ index: name })).body[name]?.mappings as {
    properties: Record<string, unknown>;
  };

/** A month nobody else uses; its index is removed at the end. */
const months: string[] = [];
function aMonth(): string {
  const month = `19${Math.floor(10 + Math.random() * 60)}-0${1 + Math.floor(Math.random() * 9)}`;
  months.push(`conversations-${month}`);
  return month;
}
afterAll(async () => {
  for (const name of months) await client.indices.delete({ index: name, ignore_unavailable: true });
});

describe("Documents in OpenSearch", () => {
  it("go to the index of their UTC month, with template, alias and person's shard", async () => {
    const month = aMonth();
    const row = aStoredMessage({ user_id: person(), timestamp: `${month}-28T23:59:59.999Z` });
    expect(await index.index([row])).toEqual([{ status: "indexed" }]);
    const id = documentId(row.user_id, row.message_id);
    await refresh();
    const { body } = await client.search({
      index: "conversations",
      body: { query: { ids: { values: [id] } }, version: true },
    });
    const [hit] = body.hits.hits;
    expect(hit).toMatchObject({ _index: `conversations-${month}`, _id: id, _version: 1 });
    expect(hit?._routing).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys((await mappingOf(`conversations-${month}`)).properties).sort()).toEqual(
      Object.keys(PROPERTIES).sort(),
    );
  });

  it("hold every field of the mapping, and nothing that is not in it", async () => {
    const row = aStoredMessage({
      user_id: person(),
      revision: 7,
      ai_model_used: "claude",
      confidence_score: 0.5,
      processing_time_ms: 2 ** 40,
      tokens_used: 2 ** 40,
      edited_at: "2026-11-20T12:00:01.000Z",
      platform_message_id: "wamid.CANARIO",
      extra: { canario: "CANARIO" },
      metadata: {
        sentiment: "negative",
        sentiment_score: -0.5,
        intent: "queja",
        language: "es",
        otro: "CANARIO",
      },
    });
    await index.index([row]);
    const id = documentId(row.user_id, row.message_id);
    await refresh();
    const { body } = await client.search({
      index: "conversations",
      body: { query: { ids: { values: [id] } } },
    });
    const source = body.hits.hits[0]?._source as Record<string, unknown>;
    expect(Object.keys(source).sort()).toEqual(Object.keys(PROPERTIES).sort());
    expect(source).toMatchObject({
      ai_model: "claude",
      processing_time: 2 ** 31 - 1,
      tokens_used: 2 ** 40,
      revision: 7,
    });
    expect(JSON.stringify(source)).not.toContain("CANARIO");
  });

  it("keep nothing of a deleted text", async () => {
    const row = aStoredMessage({
      user_id: person(),
      content: "CANARIO borrado",
      metadata: { intent: "CANARIO" },
    });
    await index.index([row]);
    await index.index([{ ...row, deleted: true, revision: 2 }]);
    await refresh();
    const { body } = await client.search({
      index: "conversations",
      body: { query: { term: { user_id: { value: row.user_id } } } },
    });
    expect(body.hits.hits).toHaveLength(1);
    expect(JSON.stringify(body.hits.hits)).not.toContain("CANARIO");
  });

  it("are refused one by one, naming the field and never the value", async () => {
    const user_id = person();
    const bad = aStoredMessage({ user_id, message_id: "bad", first_received_at: "CANARIO" });
    const results = await index.index([
      aStoredMessage({ user_id, message_id: "a" }),
      bad,
      aStoredMessage({ user_id, message_id: "b" }),
    ]);
    expect(results).toEqual([
      { status: "indexed" },
      {
        status: "failed",
        reason: expect.stringContaining("400 mapper_parsing_exception, field first_received_at"),
      },
      { status: "indexed" },
    ]);
    expect(JSON.stringify(results)).not.toMatch(/CANARIO|whatsapp/);
  });

  it("may be large, and many", async () => {
    const user_id = person();
    const content = `${"palabra ".repeat(40_000)}${"x".repeat(80_000)} final`;
    const rows = Array.from({ length: 16 }, (_, at) =>
      aStoredMessage({ user_id, message_id: `m${at}`, content }),
    );
    expect((await index.index(rows)).map(({ status }) => status)).toEqual(rows.map(() => "indexed"));
    await refresh();
    expect((await search.search({ text: "final", user_id, limit: 1 })).total).toBe(16);
  });
});

describe("Spanish in OpenSearch", () => {
  const user_id = person();
  const find = async (text: string) =>
    (await search.search({ text, user_id, limit: 5 })).hits.map(({ highlight }) => highlight);

  it.each([
    ["factura", "<em>facturas</em>"],
    ["pequeña", "<em>pequeñas</em>"],
    ["reclamacion", "<em>reclamaciones</em>"],
    ["RECLAMACIÓN", "<em>reclamaciones</em>"],
    ['"cafe solo"', "<em>café</em> <em>solo</em>"],
  ])("finds the inflected word by %s and marks it", async (text, marked) => {
    await index.index([
      aStoredMessage({ user_id, content: "Tengo dos reclamaciones por facturas pequeñas y un café solo" }),
    ]);
    await refresh();
    expect((await find(text))[0]?.[0]).toContain(marked);
  });

  it("does not find words in another order by a phrase", async () => {
    expect(await find('"solo cafe"')).toEqual([]);
  });
});

describe("Search templates", () => {
  it("may be applied again, and make this month's index ready for a search", async () => {
    const month = aMonth();
    const clock = fixedClock(`${month}-15T00:00:00.000Z`);
    await applySearchTemplates(client, clock);
    const before = await mappingOf(`conversations-${month}`);
    await applySearchTemplates(client, clock);
    expect(await mappingOf(`conversations-${month}`)).toEqual(before);
    const { body } = await client.indices.getAlias({ index: `conversations-${month}` });
    expect(body[`conversations-${month}`]?.aliases).toEqual({ conversations: {} });
  });

  it("bring an older month new fields and the alias, and keep its documents", async () => {
    const name = `conversations-${aMonth()}`;
    const template = (await client.indices.getIndexTemplate({ name: "conversations" })).body
      .index_templates[0];
    await client.indices.create({ index: name });
    await client.indices.deleteAlias({ index: name, name: "conversations" });
    const user_id = person();
    await client.index({ index: name, body: { user_id, content: "antigua", deleted: false }, refresh: true });
    expect((await search.search({ text: "antigua", user_id, limit: 1 })).total).toBe(0);
    await applySearchTemplates(client);
    expect((await search.search({ text: "antigua", user_id, limit: 1 })).total).toBe(1);
    expect(template?.index_template.index_patterns).toEqual(["conversations-*"]);
  });

  it("refuse a month whose mapping contradicts them, saying what to do", async () => {
    const name = `conversations-${aMonth()}`;
    await client.indices.putIndexTemplate({
      name: `older-${name}`,
      body: {
        index_patterns: [name],
        priority: 200,
        template: { mappings: { properties: { user_id: { type: "text" } } } },
      },
    });
    await client.indices.create({ index: name });
    await client.indices.deleteIndexTemplate({ name: `older-${name}` });
    const failure = await applySearchTemplates(client).catch((error: unknown) => error);
    await client.indices.delete({ index: name });
    expect(failure).toMatchObject({ name: "PermanentError" });
    expect(String(failure)).toMatch(/reindex a month whose mapping differs/);
  });
});

describe("OpenSearch that cannot be used", () => {
  const rows = [aStoredMessage({ content: "CANARIO" })];
  const failureOf = async (broken: Client): Promise<Error> => {
    const error = await createMessageIndex(broken)
      .index(rows)
      .then(
        () => new Error("did not fail"),
        (reason: unknown) => reason as Error,
      );
    expect(String(error)).not.toMatch(/CANARIO|whatsapp|m-1/);
    return error;
  };

  it("is a network fault where nothing listens", async () => {
    const failure = await failureOf(createOpenSearchClient({ url: "http://127.0.0.1:1" }));
    expect(failure).toMatchObject({ name: "TransientError" });
    expect(failure.message).toMatch(/OpenSearch: no answer \(network.*security group/);
  });

  it.each([
    [401, "PermanentError", /credentials or permission refused/],
    [403, "PermanentError", /fine-grained access control/],
    [429, "TransientError", /busy or failing \(429/],
    [503, "TransientError", /busy or failing \(503/],
  ])("says what a %i means", async (status, name, message) => {
    const server = createServer((_, response) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(
        JSON.stringify({ error: { type: "some_exception", reason: "CANARIO whatsapp:+1" }, status }),
      );
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const failure = await failureOf(createOpenSearchClient({ url: `http://127.0.0.1:${port}` }));
    server.close();
    expect(failure).toMatchObject({ name });
    expect(failure.message).toMatch(message);
  });

  it("reports what a busy shard refused, item by item", async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const item = (status: number, type?: string) => ({
        index: { status, ...(type && { error: { type, reason: "CANARIO" } }) },
      });
      response.end(
        JSON.stringify({
          errors: true,
          items: [
            item(201),
            item(429, "rejected_execution_exception"),
            item(409, "version_conflict_engine_exception"),
          ],
        }),
      );
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const results = await createMessageIndex(
      createOpenSearchClient({ url: `http://127.0.0.1:${port}` }),
    ).index(rows);
    server.close();
    expect(results).toEqual([
      { status: "indexed" },
      {
        status: "failed",
        reason: "OpenSearch: busy or failing (429 rejected_execution_exception): try again",
      },
      { status: "current" },
    ]);
  });
});
