import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { dataDoc } from "../../support/parquet/data-doc.ts";

const DATA_DOC = join(import.meta.dirname, "..", "..", "..", "docs", "DATA.md");

it("describes every table and column in docs/DATA.md as the schema files do", async () => {
  expect(existsSync(DATA_DOC)).toBe(true);
  await expect(dataDoc()).toMatchFileSnapshot(DATA_DOC);
});
