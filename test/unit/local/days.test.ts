import { describe, expect, it } from "vitest";
import { parseEvent } from "../../../functions/core/contracts/parse-event.ts";
import { dayAfter, dayBefore } from "../../../functions/core/domain/day.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import { NOW } from "../../support/builders.ts";
import { drawDays, drawPastDay } from "../../support/days.ts";

const FILES = [
  ["repair", 4],
  ["erasure", 1],
  ["export", 6],
] as const;
const keys = new KeyChain({ k1: "1".repeat(64) });

describe("days that end-to-end files draw", () => {
  it.each(FILES)("of %s are consecutive, and messages of them are taken at any hour", (file, count) => {
    const now = new Date("2026-11-21T23:59:59.999Z");
    for (let draw = 0; draw < 500; draw++) {
      const days = drawDays(file, count, now);
      expect(days.slice(1)).toEqual(days.slice(0, -1).map(dayAfter));
      const body = JSON.stringify({
        user_id: "web:1",
        message_id: "m",
        session_id: "s",
        timestamp: `${days[0]}T10:00:00.000Z`,
        first_received_at: now.toISOString(),
        role: "user",
        content: "hola",
      });
      expect(parseEvent(body, now, keys).ok, days[0]).toBe(true);
    }
  });

  it.each(FILES)(
    "of %s are never those that other files always write on, whenever it runs",
    (file, count) => {
      const fixed = NOW.slice(0, 10);
      for (let ago = 0; ago < 400; ago++) {
        const now = new Date(Date.parse(fixed) + ago * 86_400_000);
        expect(dayBefore(now, ago)).toBe(fixed);
        for (let draw = 0; draw < 40; draw++) expect(drawDays(file, count, now)).not.toContain(fixed);
      }
    },
  );
});

describe("days that contracts draw", () => {
  it("are each another, and of years of their own", () => {
    const days: string[] = [];
    for (const file of ["lake-export", "erase-objects", "lake-row-source"] as const)
      for (let draw = 0; draw < 300; draw++) days.push(drawPastDay(file, days));
    expect(new Set(days).size).toBe(900);
  });
});
