/** Tables of the message store by what it calls them. @param table a table's name as it was deployed */
export const messageTables = (table: (name: string) => string) => ({
  contexts: table("conversation-contexts"),
  conversations: table("conversations"),
  ledger: table("erasure-ledger"),
  messageIds: table("message-ids"),
  profiles: table("user-profiles"),
});
