import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";

const ROOT = join(import.meta.dirname, "..", "..");
const HANDLERS = join(ROOT, "functions", "handlers");
const PARQUETJS_TYPES = "node_modules/parquetjs-lite/gen-nodejs/parquet_types.js";

/** Bundles of all handlers, and their sizes in bytes by the handler's name. */
interface Bundles {
  readonly folder: string;
  readonly bytes: ReadonlyMap<string, number>;
}

let bundles: Bundles | undefined;

/**
 * Bundles all handlers, each with the SDK into a single module, in one call, which takes a third of the time of one call
 * each: what they share is parsed once. Without source maps: they are several times the code, would be loaded at
 * each cold start, and errors here have literal names and say what they mean.
 */
function bundleHandlers(): Bundles {
  const folder = mkdtempSync(join(tmpdir(), "hilo-bundles-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const names = readdirSync(HANDLERS);
  const { outputs } = buildSync({
    entryPoints: names.map((name) => join(HANDLERS, name, "index.ts")),
    outbase: HANDLERS,
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    // Packages in CommonJS call require, which a module does not have.
    // The minifier does not know the banner: a name longer than any that it makes up.
    banner: {
      js: 'import{createRequire as hiloCreateRequire}from"node:module";const require=hiloCreateRequire(import.meta.url);',
    },
    logLevel: "error",
    metafile: true,
  }).metafile;
  const bytes = new Map<string, number>();
  for (const name of names) {
    const file = join(folder, name, "index.mjs");
    const output = outputs[relative(ROOT, file)];
    if (output === undefined) throw new Error(`esbuild made no bundle of the handler ${name}`);
    if (PARQUETJS_TYPES in output.inputs) declareParquetjsTypes(file);
    bytes.set(name, output.bytes);
  }
  return { folder, bytes };
}

/**
 * Puts the bundle of one handler somewhere.
 * @param name folder under `functions/handlers`
 * @param outputDirectory where `index.mjs` goes
 * @returns size of the bundle in bytes
 */
export function bundleHandler(name: string, outputDirectory: string): number {
  bundles ??= bundleHandlers();
  const bytes = bundles.bytes.get(name);
  if (bytes === undefined) throw new Error(`there is no handler ${name} under functions/handlers`);
  mkdirSync(outputDirectory, { recursive: true });
  copyFileSync(join(bundles.folder, name, "index.mjs"), join(outputDirectory, "index.mjs"));
  return bytes;
}

/** parquetjs-lite assigns to names that it declares nowhere, which a module may not: they are declared before it. */
function declareParquetjsTypes(bundle: string): void {
  const types = readFileSync(join(ROOT, PARQUETJS_TYPES), "utf8");
  const names = [...types.matchAll(/^([A-Z]\w*) = /gm)].map(([, name]) => name);
  writeFileSync(bundle, `var ${[...new Set(names)].join(",")};${readFileSync(bundle, "utf8")}`);
}

/**
 * The code of one handler as an asset. esbuild runs in place: through NodejsFunction each function costs
 * a start of npx (see the ADR on bundling).
 * @param files further files of the asset: their paths by their names in it
 */
export function handlerCode(name: string, files: Readonly<Record<string, string>> = {}): AssetCode {
  return Code.fromAsset(join(ROOT, "functions"), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: {
      // Never started: `tryBundle` either succeeds or throws.
      image: DockerImage.fromRegistry("none"),
      // Part of the asset's cache key; without it all functions would share the first one's bundle.
      environment: { HANDLER: name, ...files },
      local: {
        tryBundle(outputDirectory: string): boolean {
          bundleHandler(name, outputDirectory);
          for (const [file, path] of Object.entries(files)) copyFileSync(path, join(outputDirectory, file));
          return true;
        },
      },
    },
  });
}
