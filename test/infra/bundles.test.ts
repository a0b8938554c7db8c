import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { bundleHandler } from "../../infra/constructs/handler-code.ts";
import { asList, REPOSITORY, synthesise } from "./synthesise.ts";

const LIMIT = 2 * 1024 * 1024;

const handlers = readdirSync(join(REPOSITORY, "functions", "handlers"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const output = mkdtempSync(join(tmpdir(), "hilo-bundles-"));
afterAll(() => rmSync(output, { recursive: true }));

describe("bundles", () => {
  it("exist for every folder of handlers, and for no other name", () => {
    const deployed = synthesise("lean")
      .ofType("AWS::Lambda::Function")
      .flatMap(({ properties }) => asList(properties["FunctionName"]))
      .map((name) => String(name).replace("hilo-lean-", ""));
    expect(deployed.sort()).toEqual(handlers.sort());
  });

  it.each(handlers)("%s is one module of at most 2 MB that exports its handler", (name) => {
    const directory = join(output, name);
    expect(bundleHandler(name, directory)).toBeLessThanOrEqual(LIMIT);
    expect(readdirSync(directory)).toEqual(["index.mjs"]);
    expect(readFileSync(join(directory, "index.mjs"), "utf8")).toMatch(/export\s*\{[^}]*\bhandler\b/);
  });

  it("start: all that any of them misses here is its environment", () => {
    // In a process of its own: nothing is transformed on the way, and no variable of this one is seen.
    const script = `
      for (const name of process.argv.slice(1))
        await import(${JSON.stringify(`${output}/`)} + name + "/index.mjs").then(
          ({ handler }) => console.log(name, typeof handler),
          (error) => console.log(name, error.message));`;
    const args = ["--input-type=module", "--eval", script, ...handlers];
    const lines = execFileSync(process.execPath, args, { encoding: "utf8", env: {} }).trim().split("\n");
    expect(lines).toHaveLength(handlers.length);
    for (const line of lines)
      expect(line).toMatch(/^[a-z-]+ (function|environment: [A-Z_, ]+ missing or wrong.*)$/);
  });
});
