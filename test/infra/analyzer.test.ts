import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stageConfig } from "../../infra/config.ts";
import { handlerCode } from "../../infra/constructs/handler-code.ts";
import { at, type Resource, synthesise } from "./synthesise.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hilo-intents-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const variables = (resources: readonly Resource[]) => {
  const found = resources.find(
    ({ id, type }) => type === "AWS::Lambda::Function" && id.startsWith("PerformAnalytics"),
  );
  return at(found?.properties, "Environment", "Variables");
};
const comprehendUsers = (resources: readonly Resource[]) =>
  resources.filter(({ properties }) => JSON.stringify(properties).includes('"comprehend:'));

describe("the analyzer", () => {
  it("is the function's own unless asked otherwise, and then nobody may call Comprehend", () => {
    const { resources } = synthesise("lean");
    expect(variables(resources)).toMatchObject({ ANALYZER: "local" });
    expect(comprehendUsers(resources)).toEqual([]);
  });

  it("is Comprehend by HILO_ANALYZER, which one role may call for two actions", () => {
    const { app, resources } = synthesise("lean", { HILO_ANALYZER: "comprehend" });
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
    expect(variables(resources)).toMatchObject({ ANALYZER: "comprehend" });
    const users = comprehendUsers(resources);
    expect(users).toHaveLength(1);
    expect(users[0]?.id).toMatch(/^PerformAnalyticsRole/);
    expect(JSON.stringify(users[0]?.properties).match(/comprehend:\w+/g)).toEqual([
      "comprehend:BatchDetectDominantLanguage",
      "comprehend:BatchDetectSentiment",
    ]);
  });

  it("is one of two", () => {
    expect(() => stageConfig("lean", { HILO_ANALYZER: "oracle" })).toThrow(
      /HILO_ANALYZER.*local, comprehend/,
    );
  });
});

describe("a bot's own intents", () => {
  it("are named to the function", () => {
    const intentsFile = join(folder, "mine.json");
    writeFileSync(intentsFile, "{}");
    const { resources } = synthesise("lean", { HILO_INTENTS_FILE: intentsFile });
    expect(variables(resources)).toMatchObject({ INTENTS_FILE: "intents.json" });
  });

  it("go beside the function's code", () => {
    const path = join(folder, "own.json");
    writeFileSync(path, '{"book_visit":{}}');
    const app = new App({ outdir: join(folder, "out") });
    new LambdaFunction(new Stack(app, "Stack"), "Function", {
      runtime: Runtime.NODEJS_24_X,
      handler: "index.handler",
      code: handlerCode("perform-analytics", { "intents.json": path }),
    });
    app.synth();
    const asset = readdirSync(join(folder, "out")).find((name) => name.startsWith("asset."));
    expect(readFileSync(join(folder, "out", asset ?? "", "intents.json"), "utf8")).toBe('{"book_visit":{}}');
  });
});
