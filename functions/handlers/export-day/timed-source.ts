import { DayTooLargeError } from "../../core/domain/day-too-large.ts";
import type { LakeRowSource } from "../../core/ports/lake-row-source.ts";

/** A source that ends with DayTooLargeError when there is no time left to commit what was read. */
export const withinTime = (source: LakeRowSource, hasTime: () => boolean): LakeRowSource => ({
  ...source,
  streams: (day, shards) => source.streams(day, shards).map((stream) => whileTime(stream, hasTime)),
});

async function* whileTime<T>(stream: AsyncIterable<T>, hasTime: () => boolean): AsyncGenerator<T> {
  for await (const page of stream) {
    if (!hasTime()) {
      throw new DayTooLargeError(
        "lake: this day's object takes longer than one function may run: export it with Glue, or set LAKE_OBJECTS for new days",
      );
    }
    yield page;
  }
}
