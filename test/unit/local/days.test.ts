import { expect, it } from "vitest";
import { drawPastDay } from "../../support/days.ts";

it("days that contracts draw are each another, and of years of their own", () => {
  const days: string[] = [];
  for (const file of ["lake-export", "erase-objects", "lake-row-source"] as const)
    for (let draw = 0; draw < 300; draw++) days.push(drawPastDay(file, days));
  expect(new Set(days).size).toBe(900);
});
