import type { JsonObject } from "../domain/json.ts";

/** What is known of a person while they talk. */
export interface Session {
  readonly session_id?: string;
  /** ISO 8601, ms, UTC */
  readonly last_activity?: string;
  readonly current_state?: string;
  readonly context_summary?: string;
  readonly cached_responses?: JsonObject;
  readonly user_preferences?: {
    readonly language?: string;
    readonly timezone?: string;
    readonly previous_interactions?: number;
  };
}

/** Live sessions: 30 minutes, renewed by every access. Holds no authority: anything may be evicted at any time. */
export interface SessionCache {
  /** One round trip. */
  get(tag: string): Promise<Session | undefined>;

  /**
   * Sets the fields given and leaves the others.
   * @returns false when a later generation is there already: nothing changed
   */
  update(tag: string, generation: number, fields: Session): Promise<boolean>;
}
