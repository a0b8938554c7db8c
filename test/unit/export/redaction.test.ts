import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTextRedactor } from "../../../functions/adapters/redaction/text-redactor.ts";
import { redactJson } from "../../../functions/core/domain/redact.ts";
import { cpuMilliseconds } from "../../support/cpu-time.ts";
import { KEPT, REDACTED } from "./redaction-set.ts";

const redactor = createTextRedactor();
const redact = redactor.for("web:1");

describe("redacting texts", () => {
  it.each(REDACTED)("%s", (text, left) => {
    expect(redact(text)).toBe(left);
  });

  it.each(KEPT)("keeps: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  it("knows the numbers of the person's own country, as short as they are there", () => {
    expect(redactor.for("whatsapp:+50683123456")("mi otro es 8312 3457")).toBe("mi otro es [PHONE]");
    expect(redact("mi otro es 8312 3457")).toBe("mi otro es 8312 3457");
  });

  it("takes the person's own id out, whatever it looks like and stands after", () => {
    for (const [userId, value, left] of [
      [
        "whatsapp:+34612345678",
        { wa_id: "34612345678", userId: 34612345678 },
        { wa_id: "[PHONE]", userId: "[PHONE]" },
      ],
      // What WhatsApp calls Mexicans, and no numbering plan does.
      ["whatsapp:+5215512345678", { to: "5215512345678" }, { to: "[PHONE]" }],
      ["telegram:123456789", { chat_id: 123456789, amount: 1234 }, { chat_id: "[ID]", amount: 1234 }],
      [
        "web:u-7731.x",
        { url: "/users/u-7731.x/orders", other: "u-7731.xy" },
        { url: "/users/[ID]/orders", other: "u-7731.xy" },
      ],
    ] as const)
      expect(redactJson(value, redactor.for(userId))).toEqual(left);
  });

  it("reads keys as words, however they are written", () => {
    expect(redactJson({ numeroDni: "30123456", orderId: "612345678" }, redact)).toEqual({
      numeroDni: "[ID]",
      orderId: "612345678",
    });
  });

  it("changes nothing more when it is done twice", () => {
    for (const [text] of REDACTED) expect(redact(redact(text))).toBe(redact(text));
  });

  it("takes every card out and no number of an order, whatever their digits", () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 14, maxLength: 14 });
    fc.assert(
      fc.property(digits, (random) => {
        const front = `4${random.join("")}`;
        const card = front + luhnDigit(front);
        expect(redact(`aquí: ${card} gracias`)).toBe("aquí: [CARD] gracias");
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 10_000, max: 9_999_999_999 }), (order) => {
        expect(redact(`mi pedido ${order} no llega`)).toBe(`mi pedido ${order} no llega`);
      }),
      { numRuns: 300 },
    );
  });

  it("takes any text, and a time that grows with its length only", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        redact(text);
      }),
    );
    for (const part of ["1", "a@", "1-", "dni es ", "ES91 ", "a.", "(1) "]) {
      const [short, long] = [1_000, 4_000].map((length) =>
        cpuMilliseconds(() => redact(part.repeat(length / part.length))),
      );
      // Four times the text: not sixteen times the time.
      expect(long, part).toBeLessThan(8 * (short ?? 0) + 300);
    }
  });
});

describe("redacting values", () => {
  it("reads a key as the words before its value, and keeps what nothing is taken out of", () => {
    const call = {
      tool: "buscar_cliente",
      args: { dni: 30123456, order: 4821377120, email: "a.b@c.cl", n: 1.5, ok: true, none: null },
      "ana@correo.cl": ["tel 600 123 456", { telefono_movil: "600123456" }],
    };
    expect(redactJson(call, redact)).toEqual({
      tool: "buscar_cliente",
      args: { dni: "[ID]", order: 4821377120, email: "[EMAIL]", n: 1.5, ok: true, none: null },
      "[EMAIL]": ["tel [PHONE]", { telefono_movil: "[PHONE]" }],
    });
  });
});

/** The check digit of a card's other digits, computed apart from the product. */
function luhnDigit(front: string): string {
  const sum = [...front].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return String((10 - (sum % 10)) % 10);
}
