import { createPublicKey, type KeyObject, verify } from "node:crypto";
import {
  type ErasureReceipt,
  erasureReceiptSchema,
  type ReceiptStatement,
} from "../../contracts/erasure-receipt.ts";
import { DAY_MS } from "../../domain/day.ts";
import { type ErasureSubject, NOTHING_HELD } from "../../domain/erasure.ts";
import { PermanentError } from "../../domain/errors.ts";
import { canonicalJson, type Json } from "../../domain/json.ts";
import { declarationOf, STORE_NAMES, storesOf } from "../../domain/personal-stores.ts";
import type { ErasureRequest, PersonState } from "../../ports/erasure-requests.ts";
import type { ReceiptSigner } from "../../ports/receipt-signer.ts";

const TAG_PURPOSE =
  "recognises the erased ids: late copies of their messages are refused by it, and restored ones are erased";
const TAG_EXPIRY =
  "no date: without it a late or restored copy would bring the data back; it means nothing once the hash keys are destroyed, at the latest with the deployment";

/** What a receipt says of one person. */
export interface ReceiptFacts {
  readonly request: ErasureRequest;
  readonly state: PersonState;
  /** With the targets that were erased. */
  readonly subject: ErasureSubject;
  readonly verifiedAt: string;
  /** `hilo` and its version. */
  readonly software: string;
}

type Unsigned = Omit<ReceiptStatement, "key_id" | "algorithm">;

/** The receipt without its signature: keyed hashes, counts, times and actors; no id of the person. */
export function receiptStatement(facts: ReceiptFacts): Unsigned {
  const { request, state, subject, verifiedAt, software } = facts;
  const { targets = [], undecided = [], exclude = [] } = subject;
  const { approved_at, approved_by, fenced_at, drained_at } = request;
  if (!approved_at || !approved_by || !fenced_at || !drained_at)
    throw new PermanentError(
      `erasure ${request.request_id}: approval or fence are not in the ledger: no receipt without them`,
    );
  const stores = storesOf().map((name) => {
    const { place } = declarationOf(name);
    const { [name]: before = NOTHING_HELD } = state.before;
    const { [name]: removed = NOTHING_HELD } = state.removed;
    const { [name]: after } = state.after;
    if (after === undefined)
      throw new PermanentError(`erasure ${request.request_id}: ${name} was not verified: no receipt without`);
    return [name, { place, before, removed, after }] as const;
  });
  return {
    format: "hilo-erasure-receipt-1",
    software,
    request_id: request.request_id,
    person: state.person,
    ids: targets.map(({ tag, generation, fenced_at: at }) => ({ tag, generation, fenced_at: at })),
    tag_purpose: TAG_PURPOSE,
    tag_expiry: TAG_EXPIRY,
    undecided_ids: undecided.length,
    excluded_ids: exclude.length,
    planned_by: request.planned_by,
    approved_by,
    requested_at: request.created_at,
    approved_at,
    fenced_at,
    drained_at,
    verified_at: verifiedAt,
    versions_removed: stores.reduce((sum, [, { removed }]) => sum + removed.versions, 0),
    stores: Object.fromEntries(stores),
    remains: remainsAfter(verifiedAt),
  };
}

/** Copies that nobody can edit, made until the moment of verification, and when they are gone. */
const remainsAfter = (verifiedAt: string): Unsigned["remains"] =>
  STORE_NAMES.flatMap((store) => {
    const { place, kept, goneAfterDays } = declarationOf(store);
    if (goneAfterDays === undefined) return [];
    const gone_at = new Date(Date.parse(verifiedAt) + goneAfterDays * DAY_MS).toISOString();
    return [{ store, place, kept, gone_at }];
  });

/** True where a receipt says the same of ids and stores: times of a later verification do not make it another. */
export function isStillTrue(receipt: string | undefined, { ids, stores }: Unsigned): boolean {
  if (receipt === undefined) return false;
  const old = erasureReceiptSchema.safeParse(JSON.parse(receipt));
  if (!old.success) return false;
  const same = (a: unknown, b: unknown): boolean => canonicalJson(a as Json) === canonicalJson(b as Json);
  return same(old.data.ids, ids) && same(old.data.stores, stores);
}

/** Signs. @returns the receipt as canonical JSON @throws TransientError | PermanentError */
export async function signReceipt(statement: Unsigned, signer: ReceiptSigner): Promise<string> {
  const signed: ReceiptStatement = { ...statement, key_id: await signer.keyId(), algorithm: "ECDSA_SHA_256" };
  const signature = await signer.sign(bytesOf(signed));
  return canonicalJson({ ...signed, signature: Buffer.from(signature).toString("base64") } as Json);
}

/** A receipt that is what was signed, or what is wrong with it. */
export type ReceiptCheck =
  | { readonly ok: true; readonly receipt: ErasureReceipt }
  | { readonly ok: false; readonly reason: string };

/**
 * Checks a receipt with the public key alone: no account and no network. Its layout (space between values) may differ from
 * what was written, nothing else.
 * @param publicKeyPem the key as `GetPublicKey` gives it, PEM
 */
export function verifyReceipt(text: string, publicKeyPem: string): ReceiptCheck {
  const wrong = (reason: string): ReceiptCheck => ({ ok: false, reason });
  const key = publicKeyOf(publicKeyPem);
  if (key === undefined) return wrong("the key is no public key for P-256 in PEM");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return wrong("the receipt is not JSON");
  }
  const result = erasureReceiptSchema.safeParse(parsed);
  if (!result.success) {
    const [issue] = result.error.issues;
    return wrong(`the receipt is none: ${issue?.path.join(".") || "it"}: ${issue?.message}`);
  }
  // What another reader may take for something else was not signed: a key that comes twice, a number written otherwise.
  if (withoutLayout(text) !== canonicalJson(parsed as Json))
    return wrong("the receipt is not as it was written: order, numbers or escapes differ");
  const { signature, ...signed } = result.data;
  const der = Buffer.from(signature, "base64");
  if (der.toString("base64") !== signature) return wrong("the signature is not as it was written");
  if (!verify("sha256", bytesOf(signed), key, der))
    return wrong("the signature does not fit: the receipt was changed, or another key signed it");
  return { ok: true, receipt: result.data };
}

const bytesOf = (signed: ReceiptStatement): Buffer => Buffer.from(canonicalJson(signed as Json), "utf8");

/** JSON without the space between its values. */
const withoutLayout = (json: string): string => json.replaceAll(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, "$1");

function publicKeyOf(pem: string): KeyObject | undefined {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyDetails?.namedCurve === "prime256v1" ? key : undefined;
  } catch {
    return undefined;
  }
}
