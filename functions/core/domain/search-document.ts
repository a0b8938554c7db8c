import { createHash } from "node:crypto";

/** Id of a message's search document: 64 hex digits, SHA-256 of (user, message). */
export const documentId = (userId: string, messageId: string): string =>
  createHash("sha256")
    .update(JSON.stringify([userId, messageId]))
    .digest("hex");

/** More revisions than a message can have; generations up to 2^21 stay exact. */
const REVISIONS = 2 ** 32;

/**
 * Version of a message's search document: grows with the generation, then with the revision, so that an erased
 * document, or the index's memory of it, never stands in the way of what the person writes afterwards.
 * @returns the revision in the first generation
 */
export const documentVersion = (state: { readonly generation: number; readonly revision: number }): number =>
  (state.generation - 1) * REVISIONS + state.revision;
