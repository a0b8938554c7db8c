import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type StageName, stageConfig } from "../../infra/config.ts";
import { allowed } from "./statements.ts";
import { at, functionOf, type Json, REPOSITORY, synthesise } from "./synthesise.ts";

const STAGES: readonly StageName[] = ["lean", "standard"];

const machineTimeout = (name: string): number => {
  const file = join(REPOSITORY, "state-machines", `${name}.asl.json`);
  return Number(at(JSON.parse(readFileSync(file, "utf8")) as Json, "TimeoutSeconds"));
};

describe.each(STAGES)("drain of %s", (name) => {
  const stage = synthesise(name);
  const drain = stageConfig(name, {}).erasureDrain.toSeconds();
  const functions = stage.ofType("AWS::Lambda::Function").flatMap(({ stack, properties }) => {
    const folder = String(properties["FunctionName"] ?? "").replace(`hilo-${name}-`, "");
    return folder === "" ? [] : [{ stack, folder, seconds: Number(properties["Timeout"]) }];
  });

  it("is longer than any function lives that may have read the ledger before a fence", () => {
    const writers = functions.filter(({ stack }) => stack !== `hilo-${name}-erasure`);
    const known = [
      "router",
      "store-in-cache",
      "store-to-dynamodb",
      "index-to-opensearch",
      "perform-analytics",
    ];
    const more = [
      "refresh-cache",
      "repair-index",
      "repair-day",
      "drain-dead-letters",
      "export-day",
      "publish-staged",
    ];
    expect(writers.map(({ folder }) => folder)).toEqual(expect.arrayContaining([...known, ...more]));
    for (const { folder, seconds } of writers) expect(seconds, folder).toBeLessThan(drain);
  });

  it("is longer than a batch that the router begins at its last moment, every state with it", () => {
    const longest = Math.max(
      ...["store-in-cache", "store-to-dynamodb", "index-to-opensearch", "perform-analytics"].map((folder) =>
        Number(functionOf(stage, name, folder).properties["Timeout"]),
      ),
    );
    const router = Number(functionOf(stage, name, "router").properties["Timeout"]);
    expect(router + machineTimeout("message-pipeline") + longest).toBeLessThan(drain);
  });

  it("need not wait for Spark, which writes only what a function publishes after asking the fences", () => {
    const jobs = allowed(stage).filter(({ of }) => /\/Jobs\w+role/.test(of));
    const written = jobs
      .filter(({ actions }) => actions.includes("s3:PutObject"))
      .map(({ resources }) => JSON.stringify(resources));
    expect(written.length).toBeGreaterThan(0);
    for (const resources of written) expect(resources).toMatch(/^[^*]*\/staging\/\*"[^*]*$/);
  });

  it("is told to who fences, to who plans and to who erases objects", () => {
    for (const folder of ["fence-people", "finish-plan", "erase-objects"])
      expect(
        at(functionOf(stage, name, folder).properties["Environment"], "Variables", "ERASURE_DRAIN_SECONDS"),
        folder,
      ).toBe(String(drain));
  });
});

describe("HILO_ERASURE_DRAIN_SECONDS", () => {
  const drainOf = (name: "local" | "lean", seconds: string): number =>
    stageConfig(name, { HILO_ERASURE_DRAIN_SECONDS: seconds }).erasureDrain.toSeconds();

  it("makes the drain longer, on the local stage also shorter", () => {
    expect(stageConfig("local", {}).erasureDrain.toSeconds()).toBe(3);
    expect(drainOf("lean", "3600")).toBe(3600);
    expect(drainOf("local", "0")).toBe(0);
  });

  it.each(["5", "soon", "1.5", "-1", "90000"])("is refused in AWS where it is %s", (seconds) => {
    expect(() => drainOf("lean", seconds)).toThrow("HILO_ERASURE_DRAIN_SECONDS");
  });
});
