import { createLakeRowFiles } from "../../../functions/adapters/parquet/lake-row-files.ts";
import { lakeRowFilesSuite } from "../suites/lake-row-files.ts";

lakeRowFilesSuite("hyparquet-writer", createLakeRowFiles("hyparquet"));
lakeRowFilesSuite("parquetjs-lite", createLakeRowFiles("parquetjs"));
