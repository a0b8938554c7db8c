import { Duration } from "aws-cdk-lib";

/** Variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

const WRITERS = ["hyparquet", "parquetjs"] as const;
const ENGINES = ["function", "glue"] as const;
/** Shards of a day; objects of a day divide them. */
const SHARDS = 16;

/** What a stage says about the lake. */
export interface LakeConfig {
  /** When days are exported: a Scheduler expression, in `exportTimezone`. */
  readonly exportSchedule: string;
  /** IANA zone of `exportSchedule`. The days themselves are UTC days. */
  readonly exportTimezone: string;
  /** IANA zone in which metrics count days and hours. */
  readonly reportingTimezone: string;
  /** Objects of a day that has none yet; divides 16. */
  readonly lakeObjects: number;
  /** Library that writes Parquet. */
  readonly lakeWriter: (typeof WRITERS)[number];
  /** How far the tables' indexes may lag behind; a day is not clean before its last mark is so old. */
  readonly indexLag: Duration;
  /** Records of interactions for training: whether, with keyed hashes for ids, with contacts and numbers redacted. */
  readonly trainingLogs: {
    readonly enabled: boolean;
    readonly pseudonymise: boolean;
    readonly redact: boolean;
  };
  /** What reads a day's rows: a function from the table's index, or Spark from DynamoDB's own export. */
  readonly exportEngine: (typeof ENGINES)[number];
  /** ARN of the QuickSight user or group that owns data sets and dashboard; left out, there are none. */
  readonly quicksightPrincipal?: string;
}

/**
 * Reads what a stage says about the lake: `HILO_EXPORT_SCHEDULE` (default half past two),
 * `HILO_EXPORT_TIMEZONE` (UTC), `HILO_REPORTING_TIMEZONE` (UTC), `HILO_LAKE_OBJECTS` (1), `HILO_LAKE_WRITER` (hyparquet),
 * `HILO_EXPORT_ENGINE` (function), `HILO_TRAINING_LOGS`, `HILO_TRAINING_LOGS_PSEUDONYMISE` and
 * `HILO_TRAINING_LOGS_REDACT` (on).
 * @param indexLag of the stage's tables
 * @throws Error that names the variable whose value is none of those known
 */
export function readLake(environment: Environment, indexLag: Duration): LakeConfig {
  return {
    exportSchedule: readSchedule(environment["HILO_EXPORT_SCHEDULE"] || "cron(30 2 * * ? *)"),
    exportTimezone: readTimezone("HILO_EXPORT_TIMEZONE", environment),
    reportingTimezone: readTimezone("HILO_REPORTING_TIMEZONE", environment),
    lakeObjects: readObjects(environment["HILO_LAKE_OBJECTS"] || "1"),
    lakeWriter: oneOf("HILO_LAKE_WRITER", WRITERS, environment),
    indexLag,
    trainingLogs: {
      enabled: isOn("HILO_TRAINING_LOGS", environment),
      pseudonymise: isOn("HILO_TRAINING_LOGS_PSEUDONYMISE", environment),
      redact: isOn("HILO_TRAINING_LOGS_REDACT", environment),
    },
    exportEngine: oneOf("HILO_EXPORT_ENGINE", ENGINES, environment),
  };
}

/** The known value that a variable has; the first one where it is not set. */
function oneOf<T extends string>(variable: string, known: readonly [T, ...T[]], environment: Environment): T {
  const wanted = environment[variable] || known[0];
  const found = known.find((value) => value === wanted);
  if (found === undefined)
    throw new Error(`${variable} is "${wanted}"; it must be one of ${known.join(", ")}`);
  return found;
}

const isOn = (variable: string, environment: Environment): boolean =>
  oneOf(variable, ["on", "off"], environment) === "on";

/** Every writer's longest life is shorter: the longest have Lambda's quarter of an hour. */
const DRAIN = Duration.minutes(16);

/**
 * Reads how long an erasure waits between fence and erasing: `HILO_ERASURE_DRAIN_SECONDS`.
 * @param usual where nothing is said @param shortest that may be said
 * @throws Error where it is no such number
 */
export function readDrain(environment: Environment, usual = DRAIN, shortest = usual): Duration {
  const text = environment["HILO_ERASURE_DRAIN_SECONDS"];
  if (!text) return usual;
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < shortest.toSeconds() || seconds > 86_400)
    throw new Error(
      `HILO_ERASURE_DRAIN_SECONDS is "${text}"; it must be a whole number from ${shortest.toSeconds()} to 86400`,
    );
  return Duration.seconds(seconds);
}

function readObjects(text: string): number {
  const objects = Number(text);
  if (!Number.isInteger(objects) || objects < 1 || SHARDS % objects !== 0)
    throw new Error(`HILO_LAKE_OBJECTS is "${text}"; it must divide ${SHARDS}`);
  return objects;
}

function readTimezone(variable: string, environment: Environment): string {
  const zone = environment[variable] || "UTC";
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
  } catch {
    throw new Error(`${variable} is "${zone}"; it must be an IANA time zone, such as Europe/Madrid`);
  }
  return zone;
}

function readSchedule(text: string): string {
  if (!/^(cron|rate)\([^()]+\)$/.test(text))
    throw new Error(
      `HILO_EXPORT_SCHEDULE is "${text}"; it must be a Scheduler expression: cron(30 2 * * ? *)`,
    );
  return text;
}

/** Reads who sees the dashboard: `HILO_QUICKSIGHT_USER_ARN`. @throws Error where that is no such ARN */
export function readQuickSight(environment: Environment): Pick<LakeConfig, "quicksightPrincipal"> {
  const arn = environment["HILO_QUICKSIGHT_USER_ARN"];
  if (!arn) return {};
  if (!/^arn:[\w-]+:quicksight:[\w-]+:\d{12}:(user|group)\/.+$/.test(arn))
    throw new Error("HILO_QUICKSIGHT_USER_ARN must be the ARN of a QuickSight user or group");
  return { quicksightPrincipal: arn };
}
