import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { createMessageRowRemoval } from "../../../functions/adapters/parquet/row-removal.ts";
import { fakeLakeRowFiles } from "../../support/fakes/fake-lake-row-files.ts";
import { fakeRowRemoval } from "../../support/fakes/fake-row-removal.ts";
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

lakeRowRemovalSuite("the fake", {
  removal: fakeRowRemoval(),
  files: fakeLakeRowFiles,
  write: (rows) => writtenBy((sink) => fakeLakeRowFiles.write(stream(rows), sink)),
  seeds: 20,
});
