import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { stream, writtenBy } from "../../support/parquet/rows.ts";
import { lakeRowRemovalSuite } from "../suites/lake-row-removal.ts";
import { inSmallGroups } from "./removal-scenes.ts";

const files = createLakeRowFiles("hyparquet");

lakeRowRemovalSuite("files of hyparquet-writer, by copying row groups", {
  removal: createMessageRowRemoval(),
  files,
  write: inSmallGroups,
  seeds: 60,
});

// They have no bounds, so every row is written again.
lakeRowRemovalSuite("files of parquetjs-lite, rewritten whole", {
  removal: createMessageRowRemoval(),
  files,
  write: (rows) => writtenBy((sink) => createLakeRowFiles("parquetjs").write(stream(rows), sink)),
  seeds: 20,
});
