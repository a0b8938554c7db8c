import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { StageName } from "../../infra/config.ts";
import { at, type Json, REPOSITORY, synthesise } from "./synthesise.ts";

const NAMES: readonly StageName[] = ["local", "lean"];
const FUNCTIONS = NAMES.flatMap((name) =>
  synthesise(name)
    .ofType("AWS::Lambda::Function")
    .map(({ properties }) => ({
      stage: name,
      folder: String(properties["FunctionName"] ?? "").replace(`hilo-${name}-`, ""),
      variables: at(properties["Environment"], "Variables") as { readonly [key: string]: Json } | undefined,
    }))
    .filter(({ variables }) => variables !== undefined && "HILO_STAGE" in variables),
);

/** What CloudFormation would put in place of a reference. */
const resolved = (value: Json): string => (typeof value === "string" ? value : "resolved-at-deployment");

afterEach(() => vi.unstubAllEnvs());

describe("environment of the functions", () => {
  it.each(FUNCTIONS)("$stage gives $folder all that it asks for", async ({ folder, variables }) => {
    for (const [key, value] of Object.entries(variables ?? {})) vi.stubEnv(key, resolved(value));
    const module: Readonly<Record<string, unknown>> = await import(
      join(REPOSITORY, "functions", "handlers", folder, "env.ts")
    );
    const readers = Object.values(module).filter((exported) => typeof exported === "function");
    expect(readers).toHaveLength(1);
    for (const read of readers) expect(() => read()).not.toThrow();
  });

  it("covers every handler; the local stage applies its search templates itself", () => {
    const handlers = readdirSync(join(REPOSITORY, "functions", "handlers")).sort();
    const of = (stage: StageName) =>
      FUNCTIONS.flatMap((found) => (found.stage === stage ? [found.folder] : [])).sort();
    expect(of("lean")).toEqual(handlers);
    expect(of("local")).toEqual(handlers.filter((folder) => folder !== "apply-search-templates"));
  });
});
