import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AwsSolutionsChecks } from "cdk-nag";
import { describe, expect, it } from "vitest";
import { asList, at, type Json, REPOSITORY, synthesise } from "./synthesise.ts";

const PRINCIPAL = "arn:aws:quicksight:eu-west-1:210987654321:user/default/ana";
const stage = synthesise("lean", {
  HILO_QUICKSIGHT_USER_ARN: PRINCIPAL,
  HILO_EXPORT_TIMEZONE: "Europe/Madrid",
});
const one = (type: string): Json | undefined => stage.ofType(type)[0]?.properties;

/** Every object in a value that has this field, however deep: what names a column does so in many places. */
function having(value: Json | undefined, field: string): readonly Json[] {
  if (value === null || typeof value !== "object") return [];
  const inner = Object.values(value as object).flatMap((child: Json) => having(child, field));
  return field in value ? [value, ...inner] : inner;
}

interface Column {
  readonly name: string;
  readonly personal: boolean;
}
const schemas = new Map(
  readdirSync(join(REPOSITORY, "queries", "schema")).map((file) => {
    const schema = JSON.parse(readFileSync(join(REPOSITORY, "queries", "schema", file), "utf8"));
    return [String(schema.table), schema.columns as readonly Column[]] as const;
  }),
);

const dataSets = new Map(
  stage.ofType("AWS::QuickSight::DataSet").map(({ id, properties }) => {
    const [table] = Object.values(properties["PhysicalTableMap"] as { readonly [key: string]: Json });
    const relation = at(table, "RelationalTable");
    return [
      String(at(relation, "Name")),
      {
        id,
        mode: at(properties, "ImportMode"),
        dataSetId: at(properties, "DataSetId"),
        columns: asList(at(relation, "InputColumns")).map((column) => String(at(column, "Name"))),
        relation,
      },
    ] as const;
  }),
);
const definition = at(one("AWS::QuickSight::Dashboard"), "Definition");

describe("QuickSight", () => {
  it("is off unless somebody is named", () => {
    const types = synthesise("lean").resources.map(({ type }) => type);
    expect(types.filter((type) => type.startsWith("AWS::QuickSight"))).toEqual([]);
    const local = synthesise("local", { HILO_QUICKSIGHT_USER_ARN: PRINCIPAL });
    expect(local.ofType("AWS::QuickSight::Dashboard")).toEqual([]);
  });

  it("refuses a name that is no ARN of a user", () => {
    expect(() => synthesise("lean", { HILO_QUICKSIGHT_USER_ARN: "ana" })).toThrow(/HILO_QUICKSIGHT_USER_ARN/);
  });

  it("has no finding that was not accepted", () => {
    expect(new AwsSolutionsChecks(stage.app).validateScope(stage.app).violations).toEqual([]);
  });

  it("asks in the workgroup, in a role that reads the files of analytics and no message", () => {
    expect(at(one("AWS::QuickSight::DataSource"), "DataSourceParameters", "AthenaParameters")).toMatchObject({
      WorkGroup: "hilo-lean",
      RoleArn: expect.anything(),
    });
    const policy = stage
      .ofType("AWS::IAM::Policy")
      .filter(({ id, stack }) => stack === "hilo-lean-bi" && id.startsWith("QuickSightRole"));
    expect(policy).toHaveLength(1);
    const text = JSON.stringify(policy[0]?.properties);
    expect(text).toContain("/analytics/*");
    expect(text).not.toMatch(/conversations\/|\/logs\/|staging|Delete/);
  });

  it("copies aggregates into SPICE, refreshed daily, and nothing that is personal", () => {
    const copied = [...dataSets].filter(([, { mode }]) => mode === "SPICE");
    expect(copied.map(([name]) => name).sort()).toEqual(["daily_breakdown", "daily_metrics"]);
    for (const [name, { columns }] of copied) {
      const personal = schemas.get(name)?.filter((column) => column.personal) ?? [];
      expect(
        personal.filter((column) => columns.includes(column.name)),
        name,
      ).toEqual([]);
    }
    const refreshed = stage.ofType("AWS::QuickSight::RefreshSchedule").map(({ properties }) => properties);
    expect(refreshed.map((schedule) => schedule["DataSetId"]).sort()).toEqual(
      copied.map(([, { dataSetId }]) => dataSetId).sort(),
    );
    for (const { Schedule } of refreshed) {
      expect(Schedule).toMatchObject({
        RefreshType: "FULL_REFRESH",
        ScheduleFrequency: { Interval: "DAILY", TimeZone: "Europe/Madrid" },
      });
    }
  });

  it("asks each time anew for what has a row a person", () => {
    const people = [...schemas].filter(([, columns]) => columns.some((column) => column.personal));
    const shown = people.flatMap(([name]) => {
      const found = dataSets.get(name);
      return found ? [[name, found.mode]] : [];
    });
    expect(shown).toEqual([
      ["user_behavior", "DIRECT_QUERY"],
      ["user_patterns", "DIRECT_QUERY"],
    ]);
  });

  it.each([...dataSets.keys()])("takes from %s only columns that its table has", (name) => {
    const found = dataSets.get(name);
    const partitions = name === "user_behavior" ? ["year", "month", "day"] : [];
    const known = [...(schemas.get(name) ?? []).map((column) => column.name), ...partitions];
    expect(found?.columns.length).toBeGreaterThan(0);
    expect(found?.columns.filter((column) => !known.includes(column))).toEqual([]);
    expect(found?.relation).toMatchObject({ Catalog: "AwsDataCatalog", Schema: "hilo_lean" });
    const table = stage
      .ofType("AWS::Glue::Table")
      .find(({ properties }) => at(properties["TableInput"], "Name") === name);
    const columns = asList(at(table?.properties["TableInput"], "StorageDescriptor", "Columns"));
    const inCatalog = [...columns.map((column) => String(at(column, "Name"))), ...partitions];
    expect(found?.columns).toEqual(inCatalog);
  });
});

describe("the dashboard", () => {
  const visuals = asList(at(definition, "Sheets", 0, "Visuals")).flatMap((visual) =>
    Object.entries(visual as object).map(([kind, properties]) => ({ kind, properties: properties as Json })),
  );

  it("shows volume, users, sentiment, intents, response times, escalations and hours", () => {
    const shown = Object.fromEntries(
      visuals.map(({ kind, properties }) => [String(at(properties, "VisualId")), kind]),
    );
    expect(shown).toEqual({
      "volume-by-channel": "BarChartVisual",
      "unique-users": "LineChartVisual",
      sentiment: "BarChartVisual",
      "top-intents": "BarChartVisual",
      "response-time": "LineChartVisual",
      escalations: "BarChartVisual",
      hours: "HeatMapVisual",
    });
  });

  it("declares the data sets it uses, all in SPICE, by the ARN of each", () => {
    const declared = asList(at(definition, "DataSetIdentifierDeclarations"));
    for (const declaration of declared) {
      const found = dataSets.get(String(at(declaration, "Identifier")));
      expect(found?.mode).toBe("SPICE");
      expect(at(declaration, "DataSetArn", "Fn::GetAtt", 0)).toBe(found?.id);
    }
    const used = new Set(having(definition, "ColumnName").map((column) => at(column, "DataSetIdentifier")));
    expect(new Set(declared.map((declaration) => at(declaration, "Identifier")))).toEqual(used);
  });

  it("names only columns that their data sets have", () => {
    const named = having(definition, "ColumnName");
    expect(named.length).toBeGreaterThan(20);
    const missing = named.filter((column) => {
      const columns = dataSets.get(String(at(column, "DataSetIdentifier")))?.columns ?? [];
      return !columns.includes(String(at(column, "ColumnName")));
    });
    expect(missing).toEqual([]);
  });

  it("gives every visual fields of its own, a value at least, and a place that no other has", () => {
    const fields = having(definition, "FieldId").flatMap((field) =>
      "Column" in (field as object) ? [at(field, "FieldId")] : [],
    );
    expect(new Set(fields).size).toBe(fields.length);
    for (const { properties } of visuals) {
      expect(
        having(properties, "NumericalMeasureField").length,
        String(at(properties, "VisualId")),
      ).toBeGreaterThan(0);
    }
    const places = asList(
      at(definition, "Sheets", 0, "Layouts", 0, "Configuration", "GridLayout", "Elements"),
    );
    const corners = places.map((element) => `${at(element, "RowIndex")}/${at(element, "ColumnIndex")}`);
    expect(new Set(corners).size).toBe(visuals.length);
    expect(places.map((element) => at(element, "ElementId"))).toEqual(
      visuals.map(({ properties }) => at(properties, "VisualId")),
    );
  });

  it("means one dimension and one metric wherever it shows the long format", () => {
    const filters = asList(at(definition, "FilterGroups"));
    const long = visuals.filter(({ properties }) =>
      having(properties, "ColumnName").some(
        (column) => at(column, "DataSetIdentifier") === "daily_breakdown",
      ),
    );
    expect(long).toHaveLength(4);
    for (const { properties } of long) {
      const own = filters.filter((group) =>
        having(group, "VisualIds").some((scope) =>
          asList(at(scope, "VisualIds")).includes(String(at(properties, "VisualId"))),
        ),
      );
      const columns = own.flatMap((group) =>
        having(group, "CategoryFilter").map((filter) => at(filter, "CategoryFilter", "Column", "ColumnName")),
      );
      expect(columns.sort()).toEqual(["dimension", "metric"]);
    }
  });

  it("adds up over days only what is additive", () => {
    const summed = having(definition, "NumericalMeasureField").flatMap((field) => {
      const measure = at(field, "NumericalMeasureField");
      const by = at(measure, "AggregationFunction", "SimpleNumericalAggregation");
      return by === "SUM" ? [String(at(measure, "Column", "ColumnName"))] : [];
    });
    expect(new Set(summed)).toEqual(new Set(["number", "escalations"]));
  });
});
