import { createHash, createHmac } from "node:crypto";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { clientOf, createRedisClient } from "../../../functions/adapters/redis/client.ts";
import { iamToken } from "../../../functions/adapters/redis/iam-token.ts";
import { fixedClock } from "../../support/builders.ts";

const options = {
  user: "hilo-app",
  cacheName: "Hilo-Cache",
  region: "eu-west-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI", sessionToken: "to/ken+=" },
  clock: fixedClock("2026-11-20T12:00:00.000Z"),
};

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

it("is a presigned connect request without its scheme, valid for 15 minutes", async () => {
  const token = await iamToken(options);
  const url = new URL(`http://${token}`);
  expect(token.startsWith("hilo-cache/?Action=connect&User=hilo-app&")).toBe(true);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: "connect",
    User: "hilo-app",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "AKIDEXAMPLE/20261120/eu-west-1/elasticache/aws4_request",
    "X-Amz-Date": "20261120T120000Z",
    "X-Amz-Expires": "900",
    "X-Amz-Security-Token": "to/ken+=",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

it("carries the signature that the Signature Version 4 rules give", async () => {
  const url = new URL(`http://${await iamToken(options)}`);
  const signature = url.searchParams.get("X-Amz-Signature");
  const query = [...url.searchParams]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join("&");
  const request = ["GET", "/", query, "host:hilo-cache\n", "host", sha256("")].join("\n");
  const scope = "20261120/eu-west-1/elasticache/aws4_request";
  const toSign = ["AWS4-HMAC-SHA256", "20261120T120000Z", scope, sha256(request)].join("\n");
  const key = ["20261120", "eu-west-1", "elasticache", "aws4_request"].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${options.credentials.secretAccessKey}`,
  );
  expect(signature).toBe(hmac(key, toSign).toString("hex"));
});

it("is signed anew for each connection", async () => {
  const passwords: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (data) => {
      passwords.push(/password-\d+/.exec(data.toString())?.[0] ?? "none");
      socket.destroy();
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  let signed = 0;
  const client = clientOf({ host: "127.0.0.1", port }, async () => {
    signed += 1;
    return `password-${signed}`;
  });
  const ping = () => client.run((connection) => connection.ping());
  await expect(ping()).rejects.toThrow("Valkey: no answer");
  await expect(ping()).rejects.toThrow("Valkey: no answer");
  client.close();
  server.close();
  expect(passwords).toEqual(["password-1", "password-2"]);
});

it("fails with a remedy where there are no credentials", async () => {
  const client = createRedisClient({
    url: "rediss://cache.example:6379",
    auth: "iam",
    user: "hilo-app",
    cacheName: "hilo",
    region: "eu-west-1",
    credentials: () => Promise.reject(new Error("no credentials, secret sauce")),
  });
  const failure = await client.run((connection) => connection.ping()).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: "PermanentError" });
  expect(String(failure)).toMatch(/no AWS credentials.*give the function a role/);
  expect(String(failure)).not.toContain("sauce");
});

it.each([
  [{ url: "http://x" }, /redis:\/\/host:port/],
  [{ url: "" }, /redis:\/\/host:port/],
  [
    { url: "rediss://x", auth: "iam" as const, user: "", cacheName: "c", region: "r" },
    /needs a user, a cache name and a region/,
  ],
])("refuses a configuration that cannot connect (%#)", (config, message) => {
  expect(() => createRedisClient(config)).toThrow(message);
});
