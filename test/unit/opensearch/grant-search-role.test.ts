import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { createOpenSearchClient } from "../../../functions/adapters/opensearch/client.ts";
import { grantSearchRole } from "../../../functions/adapters/opensearch/grant-search-role.ts";

const arn = "arn:aws:iam::111122223333:role/index-to-opensearch";

/** Grants against a server that answers `status`, and returns what it was asked. */
async function grantsOf(status: number, role: Parameters<typeof grantSearchRole>[1] = "hilo-writers") {
  const asked: { method: string | undefined; url: string | undefined; body: unknown }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push({ method: request.method, url: request.url, body: JSON.parse(body) });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const client = createOpenSearchClient({ url: `http://127.0.0.1:${port}` });
  const failure = await grantSearchRole(client, role, [arn]).catch((error: unknown) => error);
  await client.close();
  server.close();
  return { asked, failure };
}

it("lets the given roles write the months and nothing else", async () => {
  const { asked, failure } = await grantsOf(200);
  expect(failure).toBeUndefined();
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "PUT /_plugins/_security/api/roles/hilo-writers",
    "PUT /_plugins/_security/api/rolesmapping/hilo-writers",
  ]);
  expect(asked[1]?.body).toEqual({ backend_roles: [arn] });
  expect(JSON.stringify(asked[0]?.body)).not.toMatch(/read|delete|"\*"|indices:\*/);
});

it("lets those who compare read and remove documents, too, and manage nothing", async () => {
  const { asked } = await grantsOf(200, "hilo-repairers");
  expect(asked.map(({ url }) => url)).toEqual([
    "/_plugins/_security/api/roles/hilo-repairers",
    "/_plugins/_security/api/rolesmapping/hilo-repairers",
  ]);
  const [role] = asked;
  expect(JSON.stringify(role?.body)).toMatch(/read\/search.*write\/delete.*admin\/refresh/);
  expect(JSON.stringify(role?.body)).not.toMatch(/admin\/delete|settings|"\*"|indices:\*/);
});

it("lets people with the command read the months, erase from what was restored, and index nothing", async () => {
  const { asked } = await grantsOf(200, "hilo-operators");
  expect(asked[1]?.body).toEqual({ backend_roles: [arn] });
  const role = asked[0]?.body as { index_permissions: { index_patterns: string[] }[] } | undefined;
  const [months, restored] = role?.index_permissions ?? [];
  expect([months?.index_patterns, restored?.index_patterns]).toEqual([
    ["conversations-*", "conversations"],
    ["restored-conversations-*"],
  ]);
  for (const action of ["read/search", "mappings/fields/get", "admin/refresh"])
    expect(JSON.stringify(months)).toContain(action);
  expect(JSON.stringify(months)).not.toMatch(/write/);
  expect(JSON.stringify(restored)).toContain("write/delete");
  expect(JSON.stringify(restored)).not.toMatch(/write\/index|admin\/create|admin\/delete|"\*"|indices:\*/);
});

it("says that the deployment may not grant", async () => {
  const { failure } = await grantsOf(403);
  expect(failure).toMatchObject({ name: "PermanentError" });
  expect(String(failure)).toContain("fine-grained access control");
});
