import type { ErasurePlan, StoreCounts } from "../../domain/erasure.ts";
import { type ErasableStoreName, storesOf } from "../../domain/personal-stores.ts";

/**
 * List prices in us-east-1, on demand, November 2026, without free tiers; eu-west-1 is up to 15 % above them. The pages
 * could not be opened when this was written: they are the figures that public documents of 2025 and 2026 quote from them,
 * the same as in docs/COST.md.
 */
const USD = {
  /** https://aws.amazon.com/dynamodb/pricing/on-demand/ */
  writeUnit: 0.625 / 1e6,
  readUnit: 0.125 / 1e6,
  /** https://aws.amazon.com/s3/pricing/ : PUT, COPY, POST, LIST; GET; retrieval from Glacier Instant Retrieval. */
  put: 0.005 / 1e3,
  get: 0.0004 / 1e3,
  retrievedByte: 0.03 / 1e9,
  /** https://aws.amazon.com/kms/pricing/ : a signature with an elliptic curve; any other request. */
  signature: 0.15 / 1e4,
  keyRequest: 0.03 / 1e4,
  /** https://aws.amazon.com/lambda/pricing/ : a GB-second on Arm. */
  gigabyteSecond: 1.33334e-5,
  /** https://aws.amazon.com/step-functions/pricing/ : a transition of a Standard machine. */
  transition: 25 / 1e6,
} as const;

/** What erasing takes, rounded up: an estimate says at most. */
const TAKES = {
  /** An item and its entries in up to three indexes. */
  writesAnItem: 4,
  /** Counted, erased and verified, each twice, strongly. */
  readsAnItem: 6,
  /** Of each object: metadata, footer and row groups, read to erase and to verify twice. */
  getsAnObject: 12,
  /** Listing of versions (four times), an upload's beginning, part and completion; entries of its index. */
  putsAnObject: 7,
  writesAnObject: 6,
  /** What is written down of a person: five counts of each store, in transactions, on an item of 3 KB. */
  writesAPerson: 540,
  /** Transitions of an execution with two passes over four erasers, when one call of each is enough. */
  transitions: 90,
  /** GB of memory, of all functions that run beside each other. */
  gigabytes: 4,
  /** Seconds that the calls of one execution take when there is nothing to erase. */
  seconds: 10,
  itemsASecond: 500,
  peopleASecond: 10,
  objectsASecond: 2,
  bytesASecond: 20e6,
} as const;

/**
 * What an erasure costs at most, in US dollars, and how long it takes: seconds, `drainSeconds` included. An object that
 * several of the people share is counted for each of them, though it is rewritten once: of many people it is far less.
 */
export function estimate(
  stores: Readonly<Partial<Record<ErasableStoreName, StoreCounts>>>,
  people: number,
  drainSeconds: number,
): Pick<ErasurePlan, "cost_usd" | "seconds"> {
  const sum = (key: keyof StoreCounts, names: readonly ErasableStoreName[]): number =>
    names.reduce((total, name) => total + (stores[name]?.[key] ?? 0), 0);
  const inTables = sum("items", storesOf("tables"));
  const objects = sum("objects", storesOf("objects"));
  const bytes = sum("bytes", storesOf("objects"));
  const items = sum("items", storesOf());
  const work =
    TAKES.seconds +
    items / TAKES.itemsASecond +
    people / TAKES.peopleASecond +
    objects / TAKES.objectsASecond +
    bytes / TAKES.bytesASecond;
  const usd =
    (inTables * TAKES.writesAnItem + objects * TAKES.writesAnObject + people * TAKES.writesAPerson) *
      USD.writeUnit +
    inTables * TAKES.readsAnItem * USD.readUnit +
    objects * (TAKES.putsAnObject * USD.put + TAKES.getsAnObject * (USD.get + USD.keyRequest)) +
    3 * bytes * USD.retrievedByte +
    people * USD.signature +
    TAKES.transitions * USD.transition +
    work * TAKES.gigabytes * USD.gigabyteSecond;
  return { cost_usd: Number(usd.toFixed(6)), seconds: Math.ceil(drainSeconds + work) };
}
