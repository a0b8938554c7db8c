import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Client } from "@opensearch-project/opensearch";
import { afterAll, describe, expect, it } from "vitest";
import { applySearchTemplates } from "../../../functions/adapters/opensearch/apply-search-templates.ts";
import { createOpenSearchClient } from "../../../functions/adapters/opensearch/client.ts";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { createMessageSearch } from "../../../functions/adapters/opensearch/message-search.ts";
import { aStoredMessage, fixedClock } from "../../support/builders.ts";
import { mappingOf, monthsOf, openOpenSearch } from "./engine.ts";

const { client, close } = await openOpenSearch();
afterAll(close);
const search = createMessageSearch(client);
const person = () => `whatsapp:+${randomUUID()}`;
const aMonth = monthsOf(client);

describe("Search templates", () => {
  it("may be applied again, and make this month's index ready for a search", async () => {
    const month = aMonth();
    const clock = fixedClock(`${month}-15T00:00:00.000Z`);
    await applySearchTemplates(client, clock);
    const before = await mappingOf(client, `conversations-${month}`);
    await applySearchTemplates(client, clock);
    expect(await mappingOf(client, `conversations-${month}`)).toEqual(before);
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
