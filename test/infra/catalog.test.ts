import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { StageName } from "../../infra/config.ts";
import { asList, at, type Json, REPOSITORY, synthesise } from "./synthesise.ts";

const readSchema = (file: string): Json =>
  JSON.parse(readFileSync(join(REPOSITORY, "queries", "schema", file), "utf8"));
const NAMES: readonly StageName[] = ["local", "lean"];

describe.each(NAMES)("catalog of %s", (name) => {
  const stage = synthesise(name);
  const tables = new Map(
    stage
      .ofType("AWS::Glue::Table")
      .map(({ properties }) => [String(at(properties["TableInput"], "Name")), properties["TableInput"]]),
  );

  it("has the tables of the lake, and one partition scheme that nobody has to keep up", () => {
    expect([...tables.keys()].sort()).toEqual([
      "conversation_contexts",
      "daily_breakdown",
      "daily_metrics",
      "erasure_audit",
      "messages",
      "training_logs",
      "user_behavior",
      "user_patterns",
    ]);
    for (const [table, prefix] of [
      ["messages", "/conversations/"],
      ["conversation_contexts", "/conversations/"],
      ["user_behavior", "/analytics/user_behavior/daily/"],
      ["training_logs", "/logs/"],
    ] as const) {
      const input = tables.get(table);
      expect(at(input, "Parameters"), table).toMatchObject({
        "projection.enabled": "true",
        "projection.year.type": "integer",
        "projection.year.range": "2020,2035",
        "projection.month.range": "1,12",
        "projection.month.digits": "2",
        "projection.day.range": "1,31",
        "projection.day.digits": "2",
      });
      const template = JSON.stringify(at(input, "Parameters", "storage.location.template"));
      expect(template).toContain(`${prefix}year=\${year}/month=\${month}/day=\${day}/`);
      expect(asList(at(input, "PartitionKeys")).map((key) => [at(key, "Name"), at(key, "Type")])).toEqual([
        ["year", "int"],
        ["month", "int"],
        ["day", "int"],
      ]);
    }
  });

  it("reads the same files under the given name", () => {
    const { Name: _, ...messages } = tables.get("messages") as { readonly [key: string]: Json };
    const { Name: __, ...given } = tables.get("conversation_contexts") as { readonly [key: string]: Json };
    expect(given).toEqual(messages);
  });

  it.each([
    ["messages", "messages.json", "parquet.serde.ParquetHiveSerDe"],
    ["user_behavior", "user-behavior.json", "parquet.serde.ParquetHiveSerDe"],
    ["user_patterns", "user-patterns.json", "parquet.serde.ParquetHiveSerDe"],
    ["daily_metrics", "daily-metrics.json", "openx.data.jsonserde.JsonSerDe"],
    ["daily_breakdown", "daily-breakdown.json", "openx.data.jsonserde.JsonSerDe"],
    ["training_logs", "training-logs.json", "openx.data.jsonserde.JsonSerDe"],
    ["erasure_audit", "erasure-audit.json", "openx.data.jsonserde.JsonSerDe"],
  ])(
    "gives %s the columns of its schema, in order, each with a comment that Glue takes",
    (table, file, serde) => {
      const storage = at(tables.get(table), "StorageDescriptor");
      const columns = asList(at(storage, "Columns"));
      const wanted = asList(at(readSchema(file), "columns"));
      expect(columns.map((column) => [at(column, "Name"), at(column, "Type")])).toEqual(
        wanted.map((column) => [
          at(column, "name"),
          at(column, "type") === "json" ? "string" : at(column, "type"),
        ]),
      );
      for (const [index, column] of columns.entries()) {
        const comment = String(at(column, "Comment"));
        expect(comment.length).toBeLessThanOrEqual(255);
        expect(comment.includes("Personal data.")).toBe(at(wanted[index], "personal"));
      }
      expect(at(storage, "SerdeInfo", "SerializationLibrary")).toContain(serde);
    },
  );

  it("lists the file of patterns where its publisher does", () => {
    const source = readFileSync(join(REPOSITORY, "functions", "core", "domain", "user-tables.ts"), "utf8");
    const namedIn = /namedIn: "([^"]+)"/.exec(source)?.[1] ?? "";
    const storage = at(tables.get("user_patterns"), "StorageDescriptor");
    const folder = namedIn.slice(0, namedIn.lastIndexOf("/") + 1);
    expect(folder).not.toBe("");
    expect(JSON.stringify(at(storage, "Location"))).toContain(`/${folder}"`);
    expect(at(storage, "InputFormat")).toBe("org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat");
  });

  it("bounds queries, whatever a client asks for, and keeps results encrypted where they expire", () => {
    const [workgroup] = stage.ofType("AWS::Athena::WorkGroup");
    const configuration = workgroup?.properties["WorkGroupConfiguration"];
    expect(workgroup?.properties["Name"]).toBe(`hilo-${name}`);
    expect(configuration).toMatchObject({
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 10 * 1024 ** 3,
      ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: "SSE_KMS" } },
    });
    const results = at(configuration, "ResultConfiguration");
    expect(JSON.stringify(at(results, "EncryptionConfiguration", "KmsKey"))).toContain("DataKey");
    expect(JSON.stringify(at(results, "OutputLocation"))).toContain("/athena-results/");
  });
});

describe("saved queries", () => {
  const saved = synthesise("lean").ofType("AWS::Athena::NamedQuery");

  it("are the files of queries, as they are, in the workgroup", () => {
    expect(saved.length).toBeGreaterThan(8);
    for (const { properties } of saved) {
      expect(properties).toMatchObject({ Database: "hilo_lean", WorkGroup: "hilo-lean" });
      const file = join(REPOSITORY, "queries", `${properties["Name"]}.sql`);
      expect(properties["QueryString"]).toBe(readFileSync(file, "utf8"));
      expect(String(properties["Description"]).length).toBeGreaterThan(10);
    }
  });

  it("are left out where the emulator would refuse the whole template", () => {
    expect(synthesise("local").ofType("AWS::Athena::NamedQuery")).toEqual([]);
  });
});
