import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";

const ROOT = join(import.meta.dirname, "..", "..");
const PARQUETJS_TYPES = "node_modules/parquetjs-lite/gen-nodejs/parquet_types.js";

/**
 * Bundles one handler, with the SDK, into a single module. Without source maps: they are several times the
 * code, would be loaded at each cold start, and errors here have literal names and say what they mean.
 * @param name folder under `functions/handlers`
 * @param outputDirectory where `index.mjs` goes
 * @returns size of the bundle in bytes
 */
export function bundleHandler(name: string, outputDirectory: string): number {
  const result = buildSync({
    entryPoints: [join(ROOT, "functions", "handlers", name, "index.ts")],
    outfile: join(outputDirectory, "index.mjs"),
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
  });
  if (UNDECLARED in result.metafile.inputs) declareNames(join(outputDirectory, "index.mjs"));
  if (PARQUETJS_TYPES in result.metafile.inputs) declareParquetjsTypes(join(outputDirectory, "index.mjs"));
  return Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
}

/** Generated code that assigns to names it never declares, which throws in a module. */
const UNDECLARED = "node_modules/parquetjs-lite/gen-nodejs/parquet_types.js";

/** Declares those names in a bundle; esbuild keeps names it finds undeclared as they are. */
function declareNames(bundle: string): void {
  const generated = readFileSync(join(ROOT, UNDECLARED), "utf8");
  const names = [...generated.matchAll(/^(\w+) = module\.exports\.\1 = /gm)].map(([, name]) => name);
  writeFileSync(bundle, `var ${names.join()};\n${readFileSync(bundle, "utf8")}`);
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
