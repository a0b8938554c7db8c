import { ERASERS, storesOf } from "../../../functions/core/domain/personal-stores.ts";
import type { FaultPlace } from "./ambush.ts";

const WRITE = /^TransactWriteItems$/;
/** That the day stays clean is tried first; it is not. */
const RECORD_UPLOAD = [WRITE, WRITE];
const KEY = { day: /^POST .*conversations\.parquet$/, log: /^POST .*interactions\.jsonl\.gz$/ };
/** One write where nobody else's upload was recorded before, else the other. */
const RECORD = /^(TransactWriteItems|UpdateItem)$/;
const REMOVE_VERSIONS = /^POST \/[^/]+\/$/;
const FORGET_ENTRY = /^DeleteItem$/;
const place = (functionName: string, operation: string, step: string, ...commands: RegExp[]): FaultPlace => ({
  functionName,
  ...(operation !== "" && { operation }),
  step,
  commands,
});
const times = (count: number, command: RegExp): RegExp[] => Array.from({ length: count }, () => command);

/** What an erasure sends, function by function. */
export const PLACES: readonly FaultPlace[] = [
  place("fence-people", "", "sets the first fence", WRITE, WRITE),
  place("fence-people", "", "writes down the fences", /^BatchWriteItem$/),
  place("fence-people", "", "says until when it drains", ...times(storesOf().length + 2, WRITE)),
  place("abort-uploads", "", "aborts an upload", /^DELETE .*conversations\.parquet$/),
  ...ERASERS.map((one) => place(`erase-${one}`, "count", "writes down what was there", WRITE, WRITE)),
  place("erase-cache", "erase", "removes the keys", /^EVALSHA$/, /^EVALSHA$/),
  place("erase-cache", "erase", "writes down what it removed", ...times(3, WRITE)),
  place("erase-tables", "erase", "notes the conversations", /^BatchWriteItem$/),
  place("erase-tables", "erase", "removes the first items", /^BatchExecuteStatement$/),
  place("erase-tables", "erase", "removes further items", ...times(3, /^BatchExecuteStatement$/)),
  place("erase-search", "erase", "removes the documents", /_delete_by_query$/),
  place("erase-objects", "erase", "notes what it touches", /^BatchWriteItem$/),
  place("erase-objects", "erase", "begins the upload of the day", KEY.day),
  place("erase-objects", "erase", "sends a part of it", /^PUT .*conversations\.parquet$/),
  place("erase-objects", "erase", "records it", /^PUT .*conversations\.parquet$/, ...RECORD_UPLOAD),
  place("erase-objects", "erase", "completes it", KEY.day, KEY.day),
  place("erase-objects", "erase", "removes the versions of before", REMOVE_VERSIONS),
  place("erase-objects", "erase", "removes an entry of the index", FORGET_ENTRY),
  place("erase-objects", "erase", "says what it wrote to the log", KEY.log, KEY.log, RECORD),
  place("erase-objects", "erase", "removes the media", REMOVE_VERSIONS, FORGET_ENTRY, REMOVE_VERSIONS),
  ...ERASERS.map((one) => place(`erase-${one}`, "verify", "writes down what is left", WRITE, WRITE)),
  place("finish-erasure", "", "signs the receipt", /^Sign$/),
  place("finish-erasure", "", "writes the receipt", /^Sign$/, WRITE),
  place("finish-erasure", "", "says that it is done", WRITE),
];
