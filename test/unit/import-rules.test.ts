import { createRequire } from "node:module";
import { join } from "node:path";
import { cruise, type IConfiguration, type ICruiseResult } from "dependency-cruiser";
import extractTSConfig from "dependency-cruiser/config-utl/extract-ts-config";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const config = createRequire(import.meta.url)(
  join(root, ".dependency-cruiser.cjs"),
) as Required<IConfiguration>;

async function cruised(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const { tsConfig: _file, ...options } = config.options;
  const rules = { ruleSet: { forbidden: config.forbidden }, validate: true, ...options, baseDir };
  const tsConfig = extractTSConfig(join(root, "tsconfig.json"));
  const { output } = await cruise(folders, rules, undefined, { tsConfig });
  return output as ICruiseResult;
}

describe("import rules", () => {
  it("find every planted violation", async () => {
    const { summary } = await cruised(join(root, "test/planted"), ["functions", "infra", "local", "test"]);
    const found = new Set(summary.violations.map(({ rule }) => rule.name));
    expect([...found].sort()).toEqual([
      "adapters-apart",
      "core-domain-imports-inward",
      "core-without-sdk",
      "handlers-apart",
      "handlers-imports-inward",
      "infra-without-logic",
      "local-below-cli",
      "no-cycles",
      "no-unresolved",
      "not-to-test",
    ]);
  });

  it("see the project's modules and find nothing there", async () => {
    const { summary } = await cruised(root, ["functions", "infra", "cli", "local", "bench"]);
    expect(summary.totalCruised).toBeGreaterThan(100);
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });
});
