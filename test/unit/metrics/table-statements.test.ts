import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LAKE_TABLES } from "../../../infra/stacks/lake-catalog.ts";
import { tableStatement } from "../../support/metrics/table-statement.ts";

const FOLDER = join(import.meta.dirname, "../../../queries/ddl");
const nameOf = (table: (typeof LAKE_TABLES)[number]): string =>
  "name" in table ? table.name : table.schema.replaceAll("-", "_");

// After a change of a schema: npx vitest run --project unit test/unit/metrics --update
test.each(LAKE_TABLES.map((table) => [nameOf(table), table] as const))(
  "queries/ddl/%s.sql comes from the schema",
  async (name, table) => {
    await expect(tableStatement(table)).toMatchFileSnapshot(join(FOLDER, `${name}.sql`));
  },
);

test("queries/ddl has the tables of the catalog, and no other", () => {
  expect(readdirSync(FOLDER).sort()).toEqual(LAKE_TABLES.map((table) => `${nameOf(table)}.sql`).sort());
});

test("a statement quotes what would end its text", () => {
  expect(readFileSync(join(FOLDER, "user_patterns.sql"), "utf8")).toContain("The person\\'s");
});
