import { z } from "zod";
import { PermanentError } from "../core/domain/errors.ts";

/**
 * The environment, parsed once against a shape of fields.
 * @throws PermanentError naming every variable that is missing or wrong (never its value)
 */
export function readEnv<S extends z.ZodRawShape>(shape: S): z.output<z.ZodObject<S>> {
  const result = z.object(shape).safeParse(process.env);
  if (result.success) return result.data;
  const names = [...new Set(result.error.issues.map((issue) => issue.path.join(".")))];
  throw new PermanentError(
    `environment: ${names.join(", ")} missing or wrong: deploy the stack again, it sets them`,
  );
}

/** Variables that more than one function reads. */
export const envFields = {
  table: z.string().min(3),
  url: z.string().min(1),
  flag: z.enum(["true", "false"]).transform((text) => text === "true"),
  milliseconds: z.coerce.number().int().positive(),
  lakeWriter: z.enum(["hyparquet", "parquetjs"]),
  onOff: z.enum(["off", "on"]),
  seconds: z.coerce.number().int().nonnegative(),
};

/** True when the SDK's endpoint is given, as on the local stage: host prefixes cannot be resolved there. */
export const hasOwnEndpoint = (): boolean => Boolean(process.env["AWS_ENDPOINT_URL"]);

/** Functions that touch Valkey. */
export const redisEnvFields = {
  REDIS_URL: envFields.url,
  REDIS_AUTH: z.enum(["none", "iam"]),
  REDIS_USER: z.string().default(""),
  REDIS_CACHE_NAME: z.string().default(""),
  AWS_REGION: z.string().default("us-east-1"),
};

/** What the client of Valkey is made from. */
export const redisConfig = (
  env: {
    readonly [K in keyof typeof redisEnvFields]: z.output<(typeof redisEnvFields)[K]>;
  },
) => ({
  url: env.REDIS_URL,
  auth: env.REDIS_AUTH,
  user: env.REDIS_USER,
  cacheName: env.REDIS_CACHE_NAME,
  region: env.AWS_REGION,
});

/** Functions that touch the search index. */
export const openSearchEnvFields = {
  OPENSEARCH_URL: envFields.url,
  OPENSEARCH_AUTH: z.enum(["none", "iam"]),
};

/** Functions of the erasure. */
export const erasureEnvFields = {
  ERASURE_LEDGER_TABLE: envFields.table,
  ERASURE_SUBJECTS_TABLE: envFields.table,
};

/** Where requests for erasure are. */
export const erasureTables = (env: Readonly<Record<keyof typeof erasureEnvFields, string>>) => ({
  ledger: env.ERASURE_LEDGER_TABLE,
  subjects: env.ERASURE_SUBJECTS_TABLE,
});

/** Functions that read or erase all tables of personal data. */
export const personalTableEnvFields = {
  CONVERSATION_CONTEXTS_TABLE: envFields.table,
  CONVERSATION_SESSIONS_TABLE: envFields.table,
  CONVERSATIONS_TABLE: envFields.table,
  IDENTITIES_TABLE: envFields.table,
  MESSAGE_IDS_TABLE: envFields.table,
  QUARANTINE_TABLE: envFields.table,
  USER_PROFILES_TABLE: envFields.table,
};

/** Those tables, by their logical names. */
export const personalTables = (env: Readonly<Record<keyof typeof personalTableEnvFields, string>>) => ({
  "conversation-contexts": env.CONVERSATION_CONTEXTS_TABLE,
  "conversation-sessions": env.CONVERSATION_SESSIONS_TABLE,
  conversations: env.CONVERSATIONS_TABLE,
  identities: env.IDENTITIES_TABLE,
  "message-ids": env.MESSAGE_IDS_TABLE,
  quarantine: env.QUARANTINE_TABLE,
  "user-profiles": env.USER_PROFILES_TABLE,
});

/** Functions that write messages. */
export const messageTableEnvFields = {
  CONVERSATION_CONTEXTS_TABLE: envFields.table,
  CONVERSATIONS_TABLE: envFields.table,
  ERASURE_LEDGER_TABLE: envFields.table,
  LAKE_DAYS_TABLE: envFields.table,
  MESSAGE_IDS_TABLE: envFields.table,
  USER_PROFILES_TABLE: envFields.table,
};

/** The tables that a message's transaction touches. */
export const messageTables = (env: Readonly<Record<keyof typeof messageTableEnvFields, string>>) => ({
  contexts: env.CONVERSATION_CONTEXTS_TABLE,
  conversations: env.CONVERSATIONS_TABLE,
  ledger: env.ERASURE_LEDGER_TABLE,
  messageIds: env.MESSAGE_IDS_TABLE,
  profiles: env.USER_PROFILES_TABLE,
});
