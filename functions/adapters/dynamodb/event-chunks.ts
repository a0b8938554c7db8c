import { utf8Bytes } from "../../core/domain/json.ts";
import type { RoutedMessage } from "../../core/domain/message.ts";
import { MAX_ACTIONS } from "./transact.ts";

/** Ledger check and profile are in every transaction. */
const FIXED_ACTIONS = 2;
/** Of the 4 MB a transaction takes: room for waiting edits, conditions and attribute names. */
const MAX_EVENT_BYTES = 1_500_000;

/** Splits a person's events, in order, into parts that fit one transaction each. */
export function eventChunks(events: readonly RoutedMessage[]): RoutedMessage[][] {
  const chunks: RoutedMessage[][] = [];
  let room = new ChunkRoom();
  for (const event of events) {
    let chunk = chunks.at(-1);
    if (chunk === undefined || !room.takes(event)) {
      chunk = [];
      chunks.push(chunk);
      room = new ChunkRoom();
    }
    room.add(event);
    chunk.push(event);
  }
  return chunks;
}

/** What the events of one chunk need at most: row and id each, headers, and the header of each changed row. */
class ChunkRoom {
  readonly #ids = new Set<string>();
  readonly #headers = new Set<string>();
  #bytes = 0;

  takes(event: RoutedMessage): boolean {
    const ids = this.#ids.size + (this.#ids.has(event.message_id) ? 0 : 1);
    const headers = this.#headers.size + headersOf(event).filter((key) => !this.#headers.has(key)).length;
    return (
      ids * 2 + headers + FIXED_ACTIONS <= MAX_ACTIONS && this.#bytes + bytesOf(event) <= MAX_EVENT_BYTES
    );
  }

  add(event: RoutedMessage): void {
    this.#ids.add(event.message_id);
    for (const key of headersOf(event)) this.#headers.add(key);
    this.#bytes += bytesOf(event);
  }
}

/** An edit's row may belong to another conversation than the edit says. */
const headersOf = (event: RoutedMessage): string[] => [
  `conversation ${event.conversation_id}`,
  ...(event.kind === "message" ? [] : [`of ${event.message_id}`]),
];

const bytesOf = (event: RoutedMessage): number => utf8Bytes(JSON.stringify(event));
