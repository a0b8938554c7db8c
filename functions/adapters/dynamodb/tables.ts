/** Physical names of the tables that a message's transaction touches. */
export interface MessageTables {
  /** `conversation-contexts` */
  readonly contexts: string;
  readonly conversations: string;
  /** `erasure-ledger` */
  readonly ledger: string;
  readonly messageIds: string;
  /** `user-profiles` */
  readonly profiles: string;
}
