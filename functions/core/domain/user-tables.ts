import behavior from "../../../queries/schema/user-behavior.json" with { type: "json" };
import patterns from "../../../queries/schema/user-patterns.json" with { type: "json" };
import { partitionPath } from "./lake-keys.ts";
import type { LakeValue } from "./lake-row.ts";
import { type LakeSchema, lakeSchemaOf } from "./lake-schema.ts";

/** A row about one person, in files that are sorted by person. */
export interface UserRow {
  readonly user_id: string;
  readonly generation: bigint;
  readonly [column: string]: LakeValue;
}

/** A table of people that Spark computes from the lake, one file a day or one in all. */
export interface UserTable {
  readonly schema: LakeSchema;
  /** Folder in a run's staging. */
  readonly stagedFolder: string;
  /** Object key of the file that a UTC day's run makes. */
  key(day: string): string;
  /** What stands for the file in `lake-days`, where days of messages are kept by their date. */
  place(day: string): string;
  /** Column with the last UTC day that went into the file, where later runs replace it: an earlier one must not. */
  readonly lastDay?: string;
  /** Object that names the file for the catalog's table, where the file's folder has others below it. */
  readonly namedIn?: string;
}

/** The item of such a file in `lake-days`. */
export const USER_FILE_ITEM = "object-0";

/** What each person did on a day. */
export const USER_BEHAVIOR: UserTable = {
  schema: lakeSchemaOf(behavior),
  stagedFolder: "user_behavior",
  key: (day) => `analytics/user_behavior/daily/${partitionPath(day)}/user_behavior.parquet`,
  place: (day) => `user-behavior/${day}`,
};

/** What each person did in 90 days. */
export const USER_PATTERNS: UserTable = {
  schema: lakeSchemaOf(patterns),
  stagedFolder: "user_patterns",
  key: () => "analytics/user_behavior/aggregated_patterns.parquet",
  place: () => "user-patterns",
  lastDay: "until",
  namedIn: "analytics/user_patterns/files.txt",
};
