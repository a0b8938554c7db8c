import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { type Environment, type LakeConfig, readDrain, readLake, readQuickSight } from "./lake-config.ts";

/** Valkey run by AWS in the stage's own network. */
export interface ManagedCache {
  readonly kind: "managed";
  /** ElastiCache node type; its memory is the cache's. */
  readonly nodeType: string;
  /** Nodes in all, over two zones: one primary, the others replicas. One node has no failover. */
  readonly nodes: number;
}

/** OpenSearch Service domain. */
export interface ManagedSearch {
  readonly kind: "managed";
  readonly dataNodeType: string;
  /** Data nodes; two or more are spread over two zones. */
  readonly dataNodes: number;
  /** Type of the three dedicated masters; left out, the data nodes elect one of themselves. */
  readonly masterNodeType?: string;
  /** gp3 storage of each data node, in GiB. */
  readonly volumeGiB: number;
}

/** A store that the stage does not deploy but is given: an URL without credentials. */
interface GivenEndpoint {
  readonly kind: "endpoint";
  readonly url: string;
}

const ANALYZERS = ["local", "comprehend"] as const;
type Analyzer = (typeof ANALYZERS)[number];

/** What differs between stages. Whatever is not named here is the same everywhere. */
export interface StageConfig extends LakeConfig {
  /** Part of every physical name: `hilo-<name>-…`. */
  readonly name: string;
  readonly cache: ManagedCache | GivenEndpoint;
  readonly search: ManagedSearch | GivenEndpoint;
  /** Whether stored data outlives its stack: RETAIN and deletion protection, or DESTROY without. */
  readonly removal: RemovalPolicy.RETAIN | RemovalPolicy.DESTROY;
  /** Life of every log group. */
  readonly logRetention: RetentionDays;
  /** Batches that the router works on at once; bounds the load on all stores. */
  readonly routerConcurrency: number;
  /** Whether messages go through PerformAnalytics. */
  readonly analyzeMessages: boolean;
  /** `local`: in the function itself. `comprehend`: texts go to Amazon Comprehend for language and sentiment. */
  readonly analyzer: Analyzer;
  /** JSON file of the bot's own intents, see docs/ANALYTICS.md; left out, those of customer service. */
  readonly intentsFile?: string;
  /** When the days before are compared and repaired: an EventBridge cron expression, in UTC. */
  readonly repairSchedule: string;
  /** Which days that is, counted back from the present one: the tries of a repair end after half a day. */
  readonly repairDaysAgo: readonly number[];
  /**
   * How long an erasure waits after its fence: the longest life of any writer that read the ledger before it. The local stage
   * waits shorter than a writer may live there; its last pass finds what came meanwhile.
   */
  readonly erasureDrain: Duration;
  /** Whether the queries of `queries/` are saved in Athena's console, too; the emulator does not know that type. */
  readonly savedQueries: boolean;
  /** Log level of the functions. */
  readonly logLevel: "DEBUG" | "INFO" | "WARN" | "ERROR";
  /**
   * ARNs of IAM roles whose people use the command on the search domain (`hilo search`, `subject export`,
   * `restore fence --index`): it lets nobody in whom it does not know, whatever IAM allows them.
   */
  readonly operatorRoles: readonly string[];
  /** Receiver of the alarms; left out, the topic has no subscription yet. */
  readonly alarmEmail?: string;
}

/** Names of the stages that `readStage` knows. */
export const STAGE_NAMES = ["local", "lean", "standard"] as const;
export type StageName = (typeof STAGE_NAMES)[number];

/** After the day is over everywhere, before people come to work in Europe. */
const NIGHTLY_REPAIR = { repairSchedule: "cron(17 3 * * ? *)", repairDaysAgo: [1, 2, 3] };

/** AWS promises no time for its indexes; what they lag by is seconds, in a bad hour minutes. */
const INDEX_LAG = Duration.minutes(15);
/** The emulator's indexes do not lag. */
const LOCAL_INDEX_LAG = Duration.seconds(2);
/** Nobody waits a quarter of an hour for a demonstration. */
const LOCAL_DRAIN = Duration.seconds(3);

/**
 * The configuration of a stage.
 * @param environment variables of the process, see `readStage`
 */
export function stageConfig(name: StageName, environment: Environment): StageConfig {
  const everywhere = {
    name,
    analyzeMessages: true,
    ...readAnalytics(environment),
    operatorRoles: readOperatorRoles(environment),
    ...NIGHTLY_REPAIR,
    logLevel: "INFO",
  } as const;
  switch (name) {
    case "local":
      return {
        ...everywhere,
        cache: { kind: "endpoint", url: environment["HILO_LOCAL_REDIS_URL"] ?? "redis://127.0.0.1:6379" },
        search: {
          kind: "endpoint",
          url: environment["HILO_LOCAL_OPENSEARCH_URL"] ?? "http://127.0.0.1:9200",
        },
        removal: RemovalPolicy.DESTROY,
        logRetention: RetentionDays.ONE_WEEK,
        routerConcurrency: 2,
        ...readLake(environment, LOCAL_INDEX_LAG),
        erasureDrain: readDrain(environment, LOCAL_DRAIN, Duration.seconds(0)),
        savedQueries: false,
      };
    case "lean":
      return {
        ...everywhere,
        cache: { kind: "managed", nodeType: "cache.t4g.micro", nodes: 1 },
        search: { kind: "managed", dataNodeType: "t3.small.search", dataNodes: 1, volumeGiB: 10 },
        logRetention: RetentionDays.ONE_MONTH,
        routerConcurrency: 10,
        ...inAws(environment),
      };
    case "standard":
      return {
        ...everywhere,
        // 6.4 GB, of which ElastiCache keeps a quarter for itself: the 4 GB that the product wants.
        cache: { kind: "managed", nodeType: "cache.m7g.large", nodes: 2 },
        search: {
          kind: "managed",
          dataNodeType: "m7g.large.search",
          dataNodes: 2,
          masterNodeType: "m7g.medium.search",
          volumeGiB: 100,
        },
        logRetention: RetentionDays.THREE_MONTHS,
        routerConcurrency: 100,
        ...inAws(environment),
      };
  }
}

/** What the stages in AWS have in common. */
const inAws = (environment: Environment) => ({
  removal: RemovalPolicy.RETAIN as const,
  ...readLake(environment, INDEX_LAG),
  erasureDrain: readDrain(environment),
  ...readQuickSight(environment),
  savedQueries: true,
  ...(environment["HILO_ALARM_EMAIL"] ? { alarmEmail: environment["HILO_ALARM_EMAIL"] } : {}),
});

function readOperatorRoles(environment: Environment): readonly string[] {
  const arns = (environment["HILO_OPERATOR_ROLES"] ?? "").split(",").map((arn) => arn.trim());
  const wrong = arns.find((arn) => arn !== "" && !/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/.test(arn));
  if (wrong !== undefined) {
    throw new Error(`HILO_OPERATOR_ROLES has "${wrong}"; it takes ARNs of IAM roles, with commas between`);
  }
  return arns.filter((arn) => arn !== "");
}

function readAnalytics(environment: Environment): Pick<StageConfig, "analyzer" | "intentsFile"> {
  const wanted = environment["HILO_ANALYZER"] || "local";
  const analyzer = ANALYZERS.find((known) => known === wanted);
  if (analyzer === undefined) {
    throw new Error(`HILO_ANALYZER is "${wanted}"; it must be one of ${ANALYZERS.join(", ")}`);
  }
  const intentsFile = environment["HILO_INTENTS_FILE"];
  return { analyzer, ...(intentsFile ? { intentsFile } : {}) };
}

/**
 * Reads the stage to build from the process: `HILO_STAGE` (default `local`), the endpoints of the local
 * stage (`HILO_LOCAL_REDIS_URL`, `HILO_LOCAL_OPENSEARCH_URL`), `HILO_ALARM_EMAIL`, `HILO_ANALYZER` (default `local`),
 * `HILO_INTENTS_FILE`, `HILO_OPERATOR_ROLES`, `HILO_ERASURE_DRAIN_SECONDS`, and those of the lake (`readLake`, `readQuickSight`).
 * @throws Error that names the variable where the stage is none of ours
 */
export function readStage(): StageConfig {
  const wanted = process.env["HILO_STAGE"] ?? "local";
  const name = STAGE_NAMES.find((known) => known === wanted);
  if (name === undefined) {
    throw new Error(`HILO_STAGE is "${wanted}"; it must be one of ${STAGE_NAMES.join(", ")}`);
  }
  return stageConfig(name, process.env);
}
