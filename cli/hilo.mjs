#!/usr/bin/env node
// Entry of `npx hilo`. Plain JavaScript: it runs on the host's Node and hands over to one that runs TypeScript.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cloneEnvironment, findNode, runInTerminal } from "../local/node24.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const node = findNode(root);
if (node === undefined || !existsSync(join(root, "node_modules", "commander"))) {
  console.error(
    "Hilo's packages are not installed yet. Run `npm start` once in the clone; it installs everything.",
  );
  process.exitCode = 1;
} else {
  process.exitCode = await runInTerminal(node, [join(root, "cli", "main.ts"), ...process.argv.slice(2)], {
    env: cloneEnvironment(root, node),
  });
}
