import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KeyChain, keyNumberOf, TAG_PATTERN } from "../../../functions/core/domain/key-chain.ts";

const k1 = "a".repeat(64);
const k2 = "b".repeat(64);
const k3 = "c".repeat(64);

describe("KeyChain", () => {
  const tag1 = createHmac("sha256", k1).update("user\0web:ana").digest("hex");
  const tag2 = `k2.${createHmac("sha256", k2).update(tag1).digest("hex")}`;

  it("tags by HMAC-SHA-256 and re-tags a stored tag under a new key without the id", () => {
    expect(new KeyChain({ k1 }).tag("web:ana")).toBe(tag1);
    const chain = new KeyChain({ k1, k2, lookups: "k2" });
    expect(chain.tag("web:ana")).toBe(tag2);
    expect(chain.nextTag(tag1)).toBe(tag2);
    expect(() => chain.nextTag(tag2)).toThrow("no key k3");
    const third = new KeyChain({ k1, k2, k3, lookups: "k3" });
    expect(third.nextTag(tag2)).toBe(third.tag("web:ana"));
    expect(third.tag("web:ana")).toBe(
      `k3.${createHmac("sha256", k3).update(tag2.slice("k2.".length)).digest("hex")}`,
    );
  });

  it("names a person under every key, oldest first, and says which key it was", () => {
    const tags = new KeyChain({ k1, k2, k3 }).tags("web:ana");
    expect(tags.slice(0, 2)).toEqual([tag1, tag2]);
    expect(tags.map(keyNumberOf)).toEqual([1, 2, 3]);
    for (const tag of tags) expect(tag).toMatch(TAG_PATTERN);
  });

  it("asks for tags of the first key until it is told otherwise: a new key alone revives nobody", () => {
    expect(new KeyChain({ k1, k2 }).tag("web:ana")).toBe(tag1);
    for (const lookups of ["k3", "", 2]) expect(() => new KeyChain({ k1, k2, lookups })).toThrow("lookups");
  });

  it.each(["k1.", "k0.", "k02.", "K2.", "k2", "2."])("no tag begins with %s", (name) => {
    expect(`${name}${"a".repeat(64)}`).not.toMatch(TAG_PATTERN);
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
