import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { PERSONAL_STORES, storesOf } from "../../../../functions/core/domain/personal-stores.ts";
import {
  receiptStatement,
  signReceipt,
  verifyReceipt,
} from "../../../../functions/core/use-cases/erasure/receipt.ts";
import { localSigner, PUBLIC_KEY, Scene } from "./scene.ts";

const ANA = "whatsapp:+34600000001";
const DAY = 86_400_000;

/** A receipt as an execution writes it. */
async function aReceipt(...userIds: string[]): Promise<{ text: string; scene: Scene; id: string }> {
  const scene = new Scene();
  scene.fill(...userIds);
  for (const id of userIds) await scene.link(id, "person_1");
  const id = await scene.approved(...userIds.slice(0, 1));
  await scene.run(id);
  return { text: (await scene.person(id)).receipt ?? "", scene, id };
}

describe("a receipt", () => {
  let text = "";
  beforeAll(async () => {
    ({ text } = await aReceipt(ANA, "telegram:1"));
  });

  it("says who, when, what was there, what went and what remains until when", async () => {
    const check = verifyReceipt(text, PUBLIC_KEY);
    if (!check.ok) return expect.fail(check.reason);
    const { receipt } = check;
    expect(receipt).toMatchObject({
      planned_by: "planner",
      approved_by: "approver",
      software: "hilo test",
      person: 1,
    });
    expect(receipt.ids).toHaveLength(2);
    expect(Object.keys(receipt.stores)).toEqual(storesOf().sort());
    expect(receipt.stores["lake"]).toMatchObject({
      before: { items: 4 },
      removed: { items: 4 },
      after: { items: 0 },
    });
    const times = ["requested_at", "approved_at", "fenced_at", "drained_at", "verified_at"] as const;
    expect(times.map((time) => receipt[time])).toEqual(times.map((time) => receipt[time]).sort());
    const remaining = Object.entries(PERSONAL_STORES).filter(([, store]) => !("eraser" in store));
    expect(receipt.remains.map(({ store }) => store)).toEqual(remaining.map(([store]) => store));
    const pitr = receipt.remains.find(({ store }) => store === "point-in-time-recovery");
    expect(Date.parse(pitr?.gone_at ?? "") - Date.parse(receipt.verified_at)).toBe(35 * DAY);
    expect(receipt.tag_purpose).not.toBe("");
    expect(receipt.tag_expiry).not.toBe("");
  });

  it("holds in another layout, and when its values are parsed and written again", () => {
    for (const space of [1, 2, "\t"]) {
      expect(verifyReceipt(`${JSON.stringify(JSON.parse(text), null, space)}\n`, PUBLIC_KEY)).toMatchObject({
        ok: true,
      });
    }
  });

  it("breaks with any one byte", () => {
    const bytes = Buffer.from(text);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ by;
        const check = verifyReceipt(changed.toString("latin1"), PUBLIC_KEY);
        expect(check.ok).toBe(false);
        expect(verifyReceipt(changed.toString("utf8"), PUBLIC_KEY).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it("breaks with any one byte left out or put in between values", () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom("", "0", "a", '"', ",", "=", "\\"), (at, put) => {
        const changed = text.slice(0, at) + put + text.slice(put === "" ? at + 1 : at);
        expect(verifyReceipt(changed, PUBLIC_KEY).ok).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it("breaks with bits of its signature that decoding would drop", async () => {
    const { key_id: _, algorithm: __, signature: ___, ...statement } = JSON.parse(text);
    let padded = text;
    while (!padded.includes('="')) padded = await signReceipt(statement, localSigner);
    expect(verifyReceipt(padded, PUBLIC_KEY).ok).toBe(true);
    const changed = padded.replace(/(.)(=+")/, (_all, last: string, rest: string) => {
      return `${String.fromCharCode(last.charCodeAt(0) + 1)}${rest}`;
    });
    expect(Buffer.from(JSON.parse(changed).signature, "base64")).toEqual(
      Buffer.from(JSON.parse(padded).signature, "base64"),
    );
    expect(verifyReceipt(changed, PUBLIC_KEY)).toMatchObject({ ok: false });
  });

  it("says what is wrong", () => {
    const reasonOf = (changed: string, key = PUBLIC_KEY): string => {
      const check = verifyReceipt(changed, key);
      return check.ok ? "" : check.reason;
    };
    expect(reasonOf("")).toBe("the receipt is not JSON");
    expect(reasonOf("{}")).toMatch(/^the receipt is none: format: /);
    expect(reasonOf(text.replace('"person":1', '"person":2'))).toMatch(/was changed, or another key/);
    expect(reasonOf(text.replace("{", '{"extra":1,'))).toMatch(/the receipt is none/);
    // What another reader may take for the other value.
    expect(reasonOf(text.replace("{", '{"person":9,'))).toMatch(/not as it was written/);
    expect(reasonOf(text.replace('"person":1', '"person":1.0'))).toMatch(/not as it was written/);
    expect(reasonOf(text, "-----BEGIN PUBLIC KEY-----\n")).toMatch(/no public key/);
    const other = (type: "rsa" | "ec"): string => {
      const pair =
        type === "rsa"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
      return pair.publicKey.export({ type: "spki", format: "pem" }).toString();
    };
    expect(reasonOf(text, other("rsa"))).toMatch(/no public key for P-256/);
    expect(reasonOf(text, other("ec"))).toMatch(/was changed, or another key/);
  });

  it("holds no id of the person, whatever the ids", async () => {
    const id = fc
      .string({ unit: "grapheme", minLength: 6, maxLength: 40 })
      .filter((native) => !/\p{Cc}/u.test(native) && native.isWellFormed())
      .map((native) => `tg:${native}`);
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(id, { minLength: 1, maxLength: 3 }), async (ids) => {
        const { text: receipt, scene, id: request } = await aReceipt(...ids);
        expect(verifyReceipt(receipt, PUBLIC_KEY)).toMatchObject({ ok: true });
        const ledger = JSON.stringify([await scene.request(request), await scene.requests.people(request)]);
        for (const one of ids) {
          const native = one.slice("tg:".length);
          for (const place of [receipt, ledger]) {
            expect(place).not.toContain(native);
            expect(place).not.toContain(JSON.stringify(native).slice(1, -1));
          }
        }
      }),
      { numRuns: 12 },
    );
  });

  it("is not written without approval, fence or the verification of every store", async () => {
    const { scene, id } = await aReceipt(ANA);
    const request = await scene.request(id);
    const facts = {
      request,
      state: await scene.person(id),
      subject: await scene.subject(id),
      verifiedAt: request.completed_at ?? "",
      software: "hilo",
    };
    expect(verifyReceipt(await signReceipt(receiptStatement(facts), localSigner), PUBLIC_KEY).ok).toBe(true);
    const { approved_by: _, ...unapproved } = request;
    expect(() => receiptStatement({ ...facts, request: unapproved })).toThrow(/approval or fence/);
    const { search: __, ...after } = facts.state.after;
    expect(() => receiptStatement({ ...facts, state: { ...facts.state, after } })).toThrow(
      /search was not verified/,
    );
  });
});
