import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import { bundleHandler } from "../../infra/constructs/handler-code.ts";
import { synthesise } from "../../test/infra/synthesise.ts";
import { atMost, number, type Result, spreadText } from "../result.ts";
import { interleave, ratios, spreadOf } from "../statistics.ts";

const ROUNDS = 7;
const HANDLERS = join(import.meta.dirname, "..", "..", "functions", "handlers");
const MEGABYTE = 1024 * 1024;

/** Size of each function's bundle, and how long a new process takes until its handler is there. */
export async function benchBundles(): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "hilo-bench-bundles-"));
  const secrets = await openSecrets();
  try {
    const environments = deployedEnvironments(secrets.url);
    const names = readdirSync(HANDLERS, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const sizes = new Map(names.map((name) => [name, bundleHandler(name, join(folder, name))]));
    const contestants = Object.fromEntries(
      names.map((name) => {
        const environment = environments.get(name);
        if (!environment) throw new Error(`no stack deploys ${name}`);
        return [name, () => loadTime(join(folder, name, "index.mjs"), environment)];
      }),
    );
    const times = await interleave<string>({ ...contestants, node: () => loadTime(undefined, {}) }, ROUNDS);
    const node = times["node"] ?? [];
    return names.map((name) => {
      const bytes = sizes.get(name) ?? Number.NaN;
      const time = times[name] ?? [];
      return {
        what: `bundle and start of ${name}`,
        measured: `${number(bytes / MEGABYTE)} MB; ${spreadText(spreadOf(time), " ms")} until its handler is there`,
        against: `Node alone: ${spreadText(spreadOf(node), " ms")}`,
        target: atMost(2, bytes / MEGABYTE, " MB"),
        figures: { bytes, milliseconds: spreadOf(time), ratio: spreadOf(ratios(time, node)) },
      };
    });
  } finally {
    secrets.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Starts Node on a module and waits until it has loaded: what Lambda calls init, with the start of Node. In ms. */
function loadTime(module: string | undefined, environment: NodeJS.ProcessEnv): Promise<number> {
  const load = module
    ? `const { handler } = await import(${JSON.stringify(pathToFileURL(module).href)});
       if (typeof handler !== "function") throw new Error("no handler");`
    : "";
  const began = performance.now();
  const child = spawn(
    process.execPath,
    ["--input-type=module", "--eval", `${load} process.stdout.write("ready"); process.exit(0);`],
    { env: environment, stdio: ["ignore", "pipe", "pipe"] },
  );
  let complaint = "";
  child.stderr.on("data", (part) => {
    complaint = `${complaint}${part}`.slice(-500);
  });
  return new Promise((resolve, reject) => {
    child.stdout.once("data", () => resolve(performance.now() - began));
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`${module ?? "node"} did not load: ${complaint}`)));
  });
}

/** Each function's variables as deployed; what only a deployment knows (names, addresses) is any text. */
function deployedEnvironments(secretsUrl: string): ReadonlyMap<string, NodeJS.ProcessEnv> {
  const given = {
    AWS_ENDPOINT_URL: secretsUrl,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "none",
    AWS_SECRET_ACCESS_KEY: "none",
  };
  // The local stage leaves out functions of managed stores, and gives the addresses of the others.
  const stages = ["lean", "local"] as const;
  return new Map(
    stages.flatMap((stage) =>
      synthesise(stage)
        .ofType("AWS::Lambda::Function")
        .flatMap(({ properties }) => {
          const parsed = deployedFunction.safeParse(properties);
          if (!parsed.success) return [];
          const variables = Object.entries(parsed.data.Environment.Variables);
          const texts = variables.map(([key, value]) => [key, typeof value === "string" ? value : "unknown"]);
          const name = parsed.data.FunctionName.replace(`hilo-${stage}-`, "");
          return [[name, { ...Object.fromEntries(texts), ...given }] as const];
        }),
    ),
  );
}

const deployedFunction = z.object({
  FunctionName: z.string(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

/** Answers every request with a key: the router asks Secrets Manager for it while it starts. */
async function openSecrets(): Promise<{ readonly url: string; close(): void }> {
  const key = JSON.stringify({
    SecretString: JSON.stringify({ k1: randomBytes(32).toString("hex") }),
  });
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/x-amz-json-1.1").end(key);
  });
  await new Promise<void>((resolve) => server.listen({ host: "127.0.0.1", port: 0 }, resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
