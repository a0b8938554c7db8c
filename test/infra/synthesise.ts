import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { z } from "zod";
import { type StageName, stageConfig } from "../../infra/config.ts";
import { addStage } from "../../infra/stage.ts";

export const REPOSITORY = join(import.meta.dirname, "..", "..");

/** A JSON value of a template; tests read it by path with `at`. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const resource = z.looseObject({
  Type: z.string(),
  Properties: z.record(z.string(), z.json()).default({}),
  DeletionPolicy: z.string().optional(),
});

/** A resource of a template, with its stack and logical id. */
export interface Resource {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly deletionPolicy: string | undefined;
  readonly properties: { readonly [key: string]: Json };
}

export interface Synthesised {
  readonly app: App;
  readonly resources: readonly Resource[];
  /** Keys of the outputs of all stacks. */
  readonly outputs: ReadonlySet<string>;
  ofType(type: string): readonly Resource[];
}

const settings = z.object({ context: z.record(z.string(), z.json()) });

/** A new app with the context of `cdk.json`, whose functions are not bundled: a placeholder stands for their code. */
export function newApp(): App {
  const { context } = settings.parse(JSON.parse(readFileSync(join(REPOSITORY, "cdk.json"), "utf8")));
  const outdir = mkdtempSync(join(tmpdir(), "hilo-synth-"));
  process.once("exit", () => rmSync(outdir, { recursive: true, force: true }));
  return new App({
    outdir,
    context: { ...context, "aws:cdk:bundling-stacks": [] },
    // Nobody reads these here, and they take nine tenths of the time. Every real synthesis has them.
    builtinCloudFormationValidation: false,
    stackTraces: false,
    treeMetadata: false,
  });
}

const synthesised = new Map<string, Synthesised>();

/** A stage as the app synthesises it, once; of the process's variables, none counts but those given. */
export function synthesise(name: StageName, environment: Readonly<Record<string, string>> = {}): Synthesised {
  const key = JSON.stringify([name, environment]);
  const known = synthesised.get(key) ?? synthesiseAnew(name, environment);
  synthesised.set(key, known);
  return known;
}

function synthesiseAnew(name: StageName, environment: Readonly<Record<string, string>>): Synthesised {
  const app = newApp();
  addStage(app, stageConfig(name, environment));
  const stacks = app.synth().stacks;
  const resources = stacks.flatMap((stack) =>
    Object.entries(z.record(z.string(), resource).parse(stack.template.Resources)).map(([id, found]) => ({
      stack: stack.stackName,
      id,
      type: found.Type,
      deletionPolicy: found.DeletionPolicy,
      properties: found.Properties,
    })),
  );
  const outputs = new Set(stacks.flatMap((stack) => Object.keys(stack.template.Outputs ?? {})));
  rmSync(app.outdir, { recursive: true });
  return {
    app,
    resources,
    outputs,
    ofType: (type) => resources.filter((found) => found.type === type),
  };
}

/** What stands at a path of a JSON value, `undefined` where the path ends before. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((inner, step) => {
    if (inner === null || typeof inner !== "object") return undefined;
    return (inner as { readonly [key: string | number]: Json })[step];
  }, value);
}

/** A value as a list: IAM writes a list of one as its element. */
export function asList(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as Json];
}

/** The function of a stage with this folder's name. */
export function functionOf(stage: Synthesised, stageName: StageName, name: string): Resource {
  const found = stage
    .ofType("AWS::Lambda::Function")
    .find(({ properties }) => properties["FunctionName"] === `hilo-${stageName}-${name}`);
  if (found === undefined) throw new Error(`no function ${name} in stage ${stageName}`);
  return found;
}
