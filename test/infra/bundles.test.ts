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
});
