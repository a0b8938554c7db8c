import { createHash, createHmac } from "node:crypto";
import { PermanentError } from "./errors.ts";

/**
 * Keyed hashes under the keys held as a secret, `{"k1": "...", "k2": "..."}`.
 * On rotation a key is added: tags become HMAC(k2, HMAC(k1, id)), so stored tags can be re-tagged
 * without the ids; identity hashes stay under k1, so message ids and body hashes never change.
 */
export class KeyChain {
  readonly #keys: readonly string[];

  /** @throws PermanentError when the secret is not a gapless chain k1, k2, … (a missing key fails closed). */
  constructor(secret: Readonly<Record<string, unknown>>) {
    const names = Object.keys(secret).filter((name) => /^k[1-9]\d*$/.test(name));
    const keys = names.map((_, index) => secret[`k${index + 1}`]);
    if (keys.length === 0 || keys.some((key) => typeof key !== "string" || key.length < 32)) {
      throw new PermanentError(
        'Hash keys: the secret must be JSON {"k1": "...", "k2": "..."} without gaps, each of 32 characters or more',
      );
    }
    this.#keys = keys as string[];
  }

  /** Tag of a person: 64 hex digits, HMAC-SHA-256 through the whole chain. */
  tag(userId: string): string {
    return this.#keys.reduce((value, key) => hmac(key, value), `user\0${userId}`);
  }

  /** Keyed hash that survives rotation, 64 hex digits. `purpose` keeps uses apart. */
  identity(purpose: string, ...parts: readonly string[]): string {
    return hmac(this.#keys[0] as string, `${purpose}\0${JSON.stringify(parts)}`);
  }
}

const hmac = (key: string, value: string): string => createHmac("sha256", key).update(value).digest("hex");

/** Id of a message's search document: 64 hex digits, SHA-256 of (user, message). */
export const documentId = (userId: string, messageId: string): string =>
  createHash("sha256")
    .update(JSON.stringify([userId, messageId]))
    .digest("hex");
