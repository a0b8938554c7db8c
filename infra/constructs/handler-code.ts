import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { AssetHashType, DockerImage } from "aws-cdk-lib";
import { type AssetCode, Code } from "aws-cdk-lib/aws-lambda";
import { buildSync } from "esbuild";

const ROOT = join(import.meta.dirname, "..", "..");

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
    banner: { js: 'import{createRequire as _cr}from"node:module";const require=_cr(import.meta.url);' },
    logLevel: "error",
    metafile: true,
  });
  return Object.values(result.metafile.outputs).reduce((sum, output) => sum + output.bytes, 0);
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
