import { expect, it } from "vitest";
import { formatPlan, formatUndecided } from "../../../../cli/erase/format-erasure.ts";

it("says where the ids are named that a plan waits for, and names them there", () => {
  const plan = { stores: {}, cost_usd: 0, seconds: 1, undecided: 1, held: 0 };
  const request = {
    request_id: "er-1",
    status: "planned" as const,
    people: 2,
    created_at: "2026-11-21T00:00:00.000Z",
    planned_by: "ana",
    expires_at: "2026-11-28T00:00:00.000Z",
    attempts: 0,
    held: 0,
    stores: {},
    plan,
  };
  expect(formatPlan(request)).toContain("npx hilo erase undecided er-1");
  const subjects = [
    { person: 1, user_ids: ["web:1"] },
    { person: 2, user_ids: ["web:2"], undecided: ["whatsapp:+34600000000"] },
  ];
  expect(formatUndecided(subjects)).toBe("person 2  whatsapp:+34600000000\n1 undecided");
});
