import { expect, it } from "vitest";
import { createOpenSearchClient } from "../../../functions/adapters/opensearch/client.ts";
import { indexOf } from "../../../functions/adapters/opensearch/index-template.ts";

it("signs for the region in a domain's own endpoint", () => {
  const url = "https://vpc-hilo-abc123.eu-west-1.es.amazonaws.com";
  expect(() => createOpenSearchClient({ url, auth: "iam" })).not.toThrow();
  expect(() =>
    createOpenSearchClient({ url: "https://search.example.com", auth: "iam", region: "eu-west-1" }),
  ).not.toThrow();
});

it.each([
  [{ url: "not a url" }, /must be a URL/],
  [{ url: "https://search.example.com", auth: "iam" as const }, /no region to sign for/],
])("refuses a configuration that cannot work (%#)", (config, message) => {
  expect(() => createOpenSearchClient(config)).toThrow(message);
});

it.each([
  ["2026-11-30T23:59:59.999Z", "conversations-2026-11"],
  ["2026-12-01T00:00:00.000Z", "conversations-2026-12"],
])("puts %s into %s", (timestamp, index) => {
  expect(indexOf(timestamp)).toBe(index);
});
