import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { documentId, KeyChain } from "../../../functions/core/domain/key-chain.ts";

const k1 = "a".repeat(64);
const k2 = "b".repeat(64);

describe("KeyChain", () => {
  it("tags by HMAC-SHA-256 and re-tags a stored tag under a new key without the id", () => {
    const tag1 = createHmac("sha256", k1).update("user\0web:ana").digest("hex");
    expect(new KeyChain({ k1 }).tag("web:ana")).toBe(tag1);
    expect(new KeyChain({ k1, k2 }).tag("web:ana")).toBe(createHmac("sha256", k2).update(tag1).digest("hex"));
  });

  it("keeps identity hashes over a rotation and apart by purpose and by part", () => {
    const [before, after] = [new KeyChain({ k1 }), new KeyChain({ k1, k2 })];
    expect(after.identity("message", "a", "b")).toBe(before.identity("message", "a", "b"));
    const others = [
      before.identity("body", "a", "b"),
      before.identity("message", "ab"),
      before.identity("message", "b", "a"),
    ];
    expect(new Set([...others, before.identity("message", "a", "b")]).size).toBe(4);
  });

  it.each([{}, { k2 }, { k1: "short" }, { k1, k3: k2 }, { k1: 5 }])(
    "fails closed on the secret %j",
    (secret) => {
      expect(() => new KeyChain(secret)).toThrow("Hash keys");
    },
  );
});

it("documentId tells the pairs (user, message) apart", () => {
  const ids = [documentId("web:a", "b"), documentId("web:", "ab"), documentId("web:a", "c")];
  expect(new Set(ids).size).toBe(3);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
});
