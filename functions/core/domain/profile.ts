import type { JsonObject } from "./json.ts";

/** What Hilo knows of a person. Counters change exactly once per message. */
export interface Profile {
  readonly user_id: string;
  /** When Hilo first saw the person. ISO 8601, ms, UTC. */
  readonly created_date: string;
  /** Time of the newest message. ISO 8601, ms, UTC. */
  readonly last_interaction: string;
  readonly total_conversations: number;
  /** BCP 47, as last learned from a message the person wrote. */
  readonly preferred_language?: string;
  /** IANA name, such as `Europe/Madrid`. */
  readonly timezone?: string;
  readonly interaction_history: {
    readonly total_messages: number;
    readonly escalations_count: number;
    readonly satisfaction_scores: readonly number[];
    readonly common_topics: readonly string[];
  };
  readonly preferences: JsonObject;
  readonly generation: number;
  /** Grows with every write. */
  readonly version: number;
}
