import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { INSTALL } from "../../../local/packages.mjs";

const folder = mkdtempSync(join(tmpdir(), "hilo-packages-"));
mkdirSync(join(folder, "tool"));
write(join(folder, "tool"), { name: "tool", version: "1.0.0" });
write(folder, { name: "clone", version: "1.0.0", devDependencies: { tool: "file:./tool" } });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(where: string, manifest: unknown): void {
  writeFileSync(join(where, "package.json"), JSON.stringify(manifest));
}

describe("the installation of packages", () => {
  it.each([{ NODE_ENV: "production" }, { npm_config_omit: "dev" }])(
    "brings the tools in spite of %o",
    (environment) => {
      rmSync(join(folder, "node_modules"), { recursive: true, force: true });
      const env = { ...process.env, ...environment };
      execFileSync("npm", [...INSTALL], { cwd: folder, env, stdio: "pipe" });
      expect(existsSync(join(folder, "node_modules", "tool", "package.json"))).toBe(true);
    },
  );
});
