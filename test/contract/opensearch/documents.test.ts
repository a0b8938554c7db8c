import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { PROPERTIES } from "../../../functions/adapters/opensearch/index-template.ts";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { createMessageSearch } from "../../../functions/adapters/opensearch/message-search.ts";
import { documentId } from "../../../functions/core/domain/search-document.ts";
import { aStoredMessage } from "../../support/builders.ts";
import { mappingOf, monthsOf, openOpenSearch } from "./engine.ts";

const { client, close } = await openOpenSearch();
afterAll(close);
const index = createMessageIndex(client);
const search = createMessageSearch(client);
const person = () => `whatsapp:+${randomUUID()}`;
const refresh = () => client.indices.refresh({ index: "conversations" });
const aMonth = monthsOf(client);

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
    expect(Object.keys((await mappingOf(client, `conversations-${month}`)).properties).sort()).toEqual(
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
