import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";

const MODULE = join(import.meta.dirname, "..", "..", "..", "..", "cli", "erase", "read-ids.ts");
const PROGRAM = `const { wantedIds } = await import(${JSON.stringify(MODULE)});
console.log(JSON.stringify(await wantedIds([], "-")));`;

it("waits for the ids of a pipe whose writer is slow", { timeout: 20_000 }, async () => {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM]);
  const [answer, complaint] = [text(child.stdout), text(child.stderr)];
  await sleep(1_500);
  child.stdin.on("error", () => undefined);
  child.stdin.end("\uFEFF# people\r\nwhatsapp:+1\r\n\r\n  web:a b\r\n");
  expect(await complaint).toBe("");
  expect(JSON.parse(await answer)).toEqual(["whatsapp:+1", "web:a b"]);
});
