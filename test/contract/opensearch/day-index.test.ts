import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import { createDayIndex } from "../../../functions/adapters/opensearch/day-index.ts";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { documentId } from "../../../functions/core/domain/search-document.ts";
import { aStoredMessage } from "../../support/builders.ts";
import { createFakeMessageIndex } from "../../support/fakes/fake-message-index.ts";
import { dayIndexSuite } from "../suites/day-index.ts";
import { openOpenSearch } from "./engine.ts";

const { client, close } = await openOpenSearch();
afterAll(close);

const fake = createFakeMessageIndex();
dayIndexSuite("in memory", { index: fake, days: fake.byDay });
dayIndexSuite("OpenSearch", { index: createMessageIndex(client), days: createDayIndex(client) });

describe("A repairing index", () => {
  it("writes the same revision again, so that a document gains the fields of a new mapping", async () => {
    const repairing = createMessageIndex(client, "external_gte");
    const row = aStoredMessage({ user_id: `web:${randomUUID()}`, revision: 3 });
    const id = documentId(row.user_id, row.message_id);
    const contentOf = async (): Promise<unknown> => {
      await client.indices.refresh({ index: "conversations" });
      const found = await client.search({
        index: "conversations",
        body: { query: { ids: { values: [id] } } },
      });
      return found.body.hits.hits[0]?._source?.["content"];
    };
    await createMessageIndex(client).index([{ ...row, content: "as it was" }]);
    expect(await repairing.index([row])).toEqual([{ status: "indexed" }]);
    expect(await contentOf()).toBe(row.content);
    expect(await repairing.index([{ ...row, revision: 2, content: "older" }])).toEqual([
      { status: "current" },
    ]);
    expect(await contentOf()).toBe(row.content);
  });
});
