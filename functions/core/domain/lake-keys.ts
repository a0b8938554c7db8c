import { PermanentError } from "./errors.ts";
import { SHARDS } from "./shard.ts";

/** `year=YYYY/month=MM/day=DD` of a UTC day. */
export const partitionPath = (day: string): string => {
  const [year, month, date] = day.split("-");
  return `year=${year}/month=${month}/day=${date}`;
};

/** Object key of one of a day's lake objects. @param objects how many the day has: 1, 2, 4, 8 or 16 */
export const lakeObjectKey = (day: string, object: number, objects: number): string =>
  `conversations/${partitionPath(day)}/conversations${part(object, objects)}.parquet`;

/** Object key of the training log that goes with one of a day's lake objects. */
export const trainingLogKey = (day: string, object: number, objects: number): string =>
  `logs/${partitionPath(day)}/interactions${part(object, objects)}.jsonl.gz`;

const part = (object: number, objects: number): string => (objects === 1 ? "" : `-${object}`);

/** Name of a lake object's item in `lake-days`. */
export const objectItem = (object: number): string => `object-${object}`;

/** Name of the item of the side file that goes with a lake object. */
export const sideFileItem = (object: number): string => `logs-${object}`;

/** Shards (0 to 15) that belong to an object. */
export const shardsOf = (object: number, objects: number): number[] =>
  Array.from({ length: SHARDS / objects }, (_, index) => object + index * objects);

/** @throws PermanentError unless `objects` divides the shards and `object` is one of them */
export function checkObject(object: number, objects: number): void {
  if (!Number.isInteger(objects) || objects < 1 || SHARDS % objects !== 0) {
    throw new PermanentError(`lake: a day has 1, 2, 4, 8 or 16 objects, not ${objects}: set LAKE_OBJECTS`);
  }
  if (!Number.isInteger(object) || object < 0 || object >= objects) {
    throw new PermanentError(`lake: there is no object ${object} in a day of ${objects}: count from 0`);
  }
}
