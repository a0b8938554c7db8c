import { createHmac } from "node:crypto";
import { PermanentError } from "./errors.ts";

/** What `KeyChain` makes of a person: digest under the first key, or name of a later key and digest. */
export const TAG_PATTERN = /^(?:k(?:[2-9]|[1-9]\d{1,3})\.)?[0-9a-f]{64}$/;

/** Number of the key that a tag was made with, from 1. */
export function keyNumberOf(tag: string): number {
  const [, number] = /^k([1-9]\d*)\./.exec(tag) ?? [];
  return number === undefined ? 1 : Number(number);
}

/**
 * Keyed hashes under the keys held as a secret, `{"k1": "...", "k2": "...", "lookups": "k1"}`.
 * On rotation a key is added: digests become HMAC(k2, HMAC(k1, id)), so stored tags can be re-tagged
 * without the ids; identity hashes stay under k1, so message ids and body hashes never change.
 *
 * A tag made with a later key than the first says so (`k2.<digest>`). A new key changes no tag until `lookups` names it,
 * which may be only once the ledger is re-tagged: see docs/runbooks/rotate-hash-keys.md.
 */
export class KeyChain {
  readonly #keys: readonly string[];
  /** How many keys the tags go through that ledger and cache are asked for. */
  readonly #lookups: number;

  /** @throws PermanentError when the secret is not a gapless chain k1, k2, … (a missing key fails closed). */
  constructor(secret: Readonly<Record<string, unknown>>) {
    const names = Object.keys(secret).filter((name) => /^k[1-9]\d*$/.test(name));
    const keys = names.map((_, index) => secret[`k${index + 1}`]);
    if (keys.length === 0 || keys.some((key) => typeof key !== "string" || key.length < 32)) {
      throw new PermanentError(
        'Hash keys: the secret must be JSON {"k1": "...", "k2": "..."} without gaps, each of 32 characters or more',
      );
    }
    const { lookups = "k1" } = secret;
    if (typeof lookups !== "string" || !names.includes(lookups)) {
      throw new PermanentError('Hash keys: "lookups" must name one of the keys, such as "k1"');
    }
    this.#keys = keys as string[];
    this.#lookups = Number(lookups.slice(1));
  }

  /** Tag of a person by which ledger and cache are asked: `TAG_PATTERN`. */
  tag(userId: string): string {
    return this.tags(userId)[this.#lookups - 1] as string;
  }

  /** Tags of a person under every key, oldest first: what may still be stored is among them. */
  tags(userId: string): string[] {
    let digest = `user\0${userId}`;
    return this.#keys.map((key, index) => {
      digest = hmac(key, digest);
      return tagOf(index + 1, digest);
    });
  }

  /** The same person's tag under the next key, from the tag alone. @throws PermanentError when there is no next key */
  nextTag(tag: string): string {
    const number = keyNumberOf(tag);
    const key = this.#keys[number];
    if (key === undefined) throw new PermanentError(`Hash keys: the secret has no key k${number + 1}`);
    return tagOf(number + 1, hmac(key, tag.slice(-DIGEST_LENGTH)));
  }

  /** Number of the key whose tags ledger and cache are asked for. */
  get lookups(): number {
    return this.#lookups;
  }

  /** How many keys there are. */
  get length(): number {
    return this.#keys.length;
  }

  /** Keyed hash that survives rotation, 64 hex digits. `purpose` keeps uses apart. */
  identity(purpose: string, ...parts: readonly string[]): string {
    return hmac(this.#keys[0] as string, `${purpose}\0${JSON.stringify(parts)}`);
  }
}

const DIGEST_LENGTH = 64;

const tagOf = (number: number, digest: string): string => (number === 1 ? digest : `k${number}.${digest}`);

const hmac = (key: string, value: string): string => createHmac("sha256", key).update(value).digest("hex");
