/** Where searches go; every monthly index carries it. */
export const ALIAS = "conversations";
export const TEMPLATE_NAME = "conversations";
export const INDEX_PATTERN = "conversations-*";

/** The index of a message's month (UTC), such as `conversations-2026-11`. @param timestamp ISO 8601, UTC */
export const indexOf = (timestamp: string): string => `${ALIAS}-${timestamp.slice(0, 7)}`;

const keyword = { type: "keyword" } as const;
/** Free texts that a producer chooses: longer ones stay in the row and are not searchable. */
const shortKeyword = { type: "keyword", ignore_above: 256 } as const;
const date = { type: "date" } as const;
const integer = { type: "integer" } as const;
const long = { type: "long" } as const;
const float = { type: "float" } as const;
const byte = { type: "byte" } as const;
const boolean = { type: "boolean" } as const;

/** Fields of a document. Nothing else is indexed (`dynamic: false`). */
export const PROPERTIES = {
  user_id: keyword,
  timestamp: date,
  content: { type: "text", analyzer: "spanish", fields: { keyword: shortKeyword } },
  sentiment: keyword,
  sentiment_score: float,
  intent: shortKeyword,
  ai_model: shortKeyword,
  confidence_score: float,
  processing_time: integer,
  escalation_triggered: boolean,
  message_id: keyword,
  session_id: keyword,
  conversation_id: keyword,
  message_type: keyword,
  role: keyword,
  channel: keyword,
  bot_id: keyword,
  language: keyword,
  tokens_used: long,
  first_received_at: date,
  edited_at: date,
  revision: long,
  generation: long,
  deleted: boolean,
  /** Of the person, as in the tables' sharded keys: a day is compared shard by shard. */
  shard: byte,
} as const;

const MAPPINGS = { dynamic: false, properties: PROPERTIES } as const;

/**
 * `spanish` takes the built-in analyzer's name and steps and folds accents first: people write "dia" and
 * "adios", and the stemmer alone folds words of five letters or more only. The ñ stays: "año" is another word.
 */
const ANALYSIS = {
  char_filter: {
    accents: {
      type: "mapping" as const,
      mappings: [
        "á=>a",
        "é=>e",
        "í=>i",
        "ó=>o",
        "ú=>u",
        "ü=>u",
        "Á=>a",
        "É=>e",
        "Í=>i",
        "Ó=>o",
        "Ú=>u",
        "Ü=>u",
      ],
    },
  },
  filter: {
    spanish_stop: { type: "stop" as const, stopwords: ["_spanish_", "tambien", "mas", "habia", "estan"] },
    spanish_stemmer: { type: "stemmer" as const, language: "light_spanish" },
  },
  analyzer: {
    spanish: {
      type: "custom" as const,
      char_filter: ["accents"],
      tokenizer: "standard",
      filter: ["lowercase", "spanish_stop", "spanish_stemmer"],
    },
  },
};

/**
 * Any deleted document is worth the merge that an erasure asks for. The default, 10 % of a segment, would leave one
 * person's text in the files.
 */
export const EXPUNGE_ALL = { merge: { policy: { expunge_deletes_allowed: 0 } } } as const;

/** Template of the monthly indexes: created by the first document of a month, found through the alias at once. */
export const INDEX_TEMPLATE = {
  index_patterns: [INDEX_PATTERN],
  priority: 100,
  template: {
    settings: {
      index: { number_of_shards: 1, auto_expand_replicas: "0-1", ...EXPUNGE_ALL },
      analysis: ANALYSIS,
    },
    mappings: MAPPINGS,
    aliases: { [ALIAS]: {} },
  },
};
