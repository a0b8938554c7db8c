import { objectItem, sideFileItem } from "./lake-keys.ts";
import { USER_BEHAVIOR, USER_FILE_ITEM, USER_PATTERNS } from "./user-tables.ts";

/** Where the state of an object is kept in `lake-days`. */
export interface LakePlace {
  /** A UTC day, or the name of what is no day. */
  readonly day: string;
  readonly item: string;
}

const PART = "year=(\\d{4})/month=(\\d\\d)/day=(\\d\\d)";
const MESSAGES = new RegExp(`^conversations/${PART}/conversations(?:-(\\d+))?\\.parquet$`);
const LOGS = new RegExp(`^logs/${PART}/interactions(?:-(\\d+))?\\.jsonl\\.gz$`);
const BEHAVIOR = new RegExp(`^analytics/user_behavior/daily/${PART}/user_behavior\\.parquet$`);

/** The place of an object that Hilo writes by days; `undefined` of any other. */
export function lakePlaceOf(key: string): LakePlace | undefined {
  const messages = MESSAGES.exec(key);
  if (messages) return { day: dayIn(messages), item: objectItem(partIn(messages)) };
  const logs = LOGS.exec(key);
  if (logs) return { day: dayIn(logs), item: sideFileItem(partIn(logs)) };
  const behavior = BEHAVIOR.exec(key);
  if (behavior) return { day: USER_BEHAVIOR.place(dayIn(behavior)), item: USER_FILE_ITEM };
  return key === USER_PATTERNS.key("") ? { day: USER_PATTERNS.place(""), item: USER_FILE_ITEM } : undefined;
}

/** The place of an object that no day knows, while it is rewritten. */
export const otherPlace = (key: string): LakePlace => ({ day: "objects", item: key });

const dayIn = ([, year, month, day]: RegExpExecArray): string => `${year}-${month}-${day}`;
const partIn = ([, , , , part = "0"]: RegExpExecArray): number => Number(part);
