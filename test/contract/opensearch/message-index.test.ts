import { afterAll } from "vitest";
import { createMessageIndex } from "../../../functions/adapters/opensearch/message-index.ts";
import { createMessageSearch } from "../../../functions/adapters/opensearch/message-search.ts";
import { createFakeMessageIndex } from "../../support/fakes/fake-message-index.ts";
import { describeMessageIndex } from "../suites/message-index.ts";
import { describeMessageSearch } from "../suites/message-search.ts";
import { openOpenSearch } from "./engine.ts";

const { client, close } = await openOpenSearch();
afterAll(close);

const fake = createFakeMessageIndex();
const inMemory = { index: fake, search: fake, refresh: async () => {} };
const openSearch = {
  index: createMessageIndex(client),
  search: createMessageSearch(client),
  refresh: async () => {
    await client.indices.refresh({ index: "conversations" });
  },
};

describeMessageIndex("in memory", inMemory);
describeMessageIndex("OpenSearch", openSearch);
describeMessageSearch("in memory", inMemory);
describeMessageSearch("OpenSearch", openSearch);
