/** A legal hold on a person's data. */
export interface LegalHold {
  readonly tag: string;
  /** ISO 8601, ms, UTC. */
  readonly set_at: string;
  /** Who set it: an ARN or a name. */
  readonly actor: string;
  /** Number of the case or the like; no personal data. */
  readonly reason: string;
}

/** Legal holds, in `erasure-ledger` as `hold#<tag>`. Reads are strong. */
export interface LegalHolds {
  /** Tags of these (under every key) that are held. */
  held(tags: readonly string[]): Promise<ReadonlySet<string>>;
  set(hold: LegalHold): Promise<void>;
  /** @returns false when there was none */
  lift(tag: string): Promise<boolean>;
  list(): Promise<LegalHold[]>;
}
