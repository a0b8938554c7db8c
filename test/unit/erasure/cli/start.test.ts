import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { writeReceipts } from "../../../../cli/erase/receipt-files.ts";
import { isErased } from "../../../../cli/erase/start-erasure.ts";

const receipt = (person: number): string => JSON.stringify({ person, signature: `of ${person}` });

it("keeps each person's receipt under the person's number, when one who was held comes later", () => {
  const parent = mkdtempSync(join(tmpdir(), "hilo-receipts-"));
  onTestFinished(() => rmSync(parent, { recursive: true }));
  const folder = join(parent, "receipts");
  writeReceipts(folder, "er-1", [receipt(1), receipt(3)]);
  expect(readdirSync(folder).sort()).toEqual(["er-1-000001.json", "er-1-000003.json"]);
  writeReceipts(folder, "er-1", [receipt(1), receipt(2), receipt(3)]);
  for (const person of [1, 2, 3])
    expect(readFileSync(join(folder, `er-1-00000${person}.json`), "utf8")).toBe(receipt(person));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "er-1-000002.json")).mode & 0o777).toBe(0o600);
});

it("tells a request that was erased and looked after from a plan that expired: both are closed", () => {
  expect(isErased({ status: "closed", completed_at: "2026-11-21T00:00:00.000Z" })).toBe(true);
  expect(isErased({ status: "completed", completed_at: "2026-11-21T00:00:00.000Z" })).toBe(true);
  expect(isErased({ status: "closed" })).toBe(false);
  expect(isErased({ status: "waiting" })).toBe(false);
});
