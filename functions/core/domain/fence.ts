import type { Message } from "./message.ts";

/** What the erasure ledger says of a person. No entry: nothing was ever fenced, generation 1 is live. */
export interface Fence {
  /** The highest generation that is erased; the live one is one more. */
  readonly generation: number;
  /** Messages at or before this moment are refused. ISO 8601, ms, UTC. */
  readonly fenced_at: string;
}

/** A message's time for the fence: the earlier of when it was written and when Hilo first saw it. */
const fenceTimeOf = (message: Pick<Message, "timestamp" | "first_received_at">): string =>
  message.timestamp < message.first_received_at ? message.timestamp : message.first_received_at;

/** The generation in which new data of this person is written. */
export const liveGeneration = (fence: Fence | undefined): number => (fence?.generation ?? 0) + 1;

/** True when the message belongs to an erased past: it is discarded and counted. */
export const isFenced = (
  message: Pick<Message, "timestamp" | "first_received_at">,
  fence: Fence | undefined,
): boolean => fence !== undefined && fenceTimeOf(message) <= fence.fenced_at;
