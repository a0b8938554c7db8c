import { type RoutedMessage, type StoredMessage, sortKeyOf } from "./message.ts";
import { type Change, changeOf, type KnownRecord, type MessageRecord, originOf } from "./message-record.ts";
import type { RowOutcome } from "./outcome.ts";

/** One message as far as it is known: nothing, a record, or a record with its row. */
export interface MessageState {
  readonly record?: MessageRecord;
  readonly row?: StoredMessage;
}

/** What one event made of a message. `stored` with kind `message` is the only one that counts. */
export interface Folded {
  readonly state: MessageState;
  readonly outcome: Omit<RowOutcome, "item">;
}

/**
 * Folds one event into its message. Any order of a message, its edits, its deletion and duplicates of
 * each ends in the same row, apart from the revision: the latest edit wins (ties: the higher hash), a
 * deletion is terminal, and what comes before its message waits for it.
 * `state.row` must be loaded for an edit or deletion of a known message; absent then means expired.
 */
export const foldMessage = (state: MessageState, event: RoutedMessage): Folded =>
  event.kind === "message" ? foldOriginal(state, event) : foldChange(state, event);

function foldOriginal(state: MessageState, event: RoutedMessage): Folded {
  const { record } = state;
  if (record && record.pending === undefined) {
    if (record.body_hash !== event.body_hash) return { state, outcome: { status: "conflict" } };
    return { state, outcome: { status: "duplicate", sort_key: record.sort_key, revision: record.revision } };
  }
  const { tag: _tag, body_hash, ...message } = event;
  const original: StoredMessage = { ...message, revision: 1, deleted: false };
  const known: KnownRecord = {
    user_id: event.user_id,
    message_id: event.message_id,
    generation: event.generation,
    sort_key: sortKeyOf(event),
    conversation_id: event.conversation_id,
    origin: originOf(event),
    body_hash,
    revision: 1,
    deleted: false,
    first_received_at: event.first_received_at,
  };
  return record ? changed(known, original, record.pending) : stored(known, original);
}

function foldChange(state: MessageState, event: RoutedMessage): Folded {
  const { record } = state;
  const change = changeOf(event);
  if (record === undefined || record.pending !== undefined) return foldEarlyChange(state, event, change);
  const place = { sort_key: record.sort_key, revision: record.revision };
  if (record.deleted) {
    return { state, outcome: { status: change.kind === "delete" ? "duplicate" : "superseded", ...place } };
  }
  if (change.kind === "edit" && !isLater(change, record)) {
    const same = change.edit_hash === record.edit_hash;
    return { state, outcome: { status: same ? "duplicate" : "superseded", ...place } };
  }
  return changed(record, state.row ?? revivedRow(record, event), change);
}

/** An edit or deletion that came before its message is kept for it. */
function foldEarlyChange(state: MessageState, event: RoutedMessage, change: Change): Folded {
  const waiting = state.record?.pending;
  if (waiting?.kind === "delete" || (waiting && change.kind === "edit" && !isLater(change, waiting))) {
    const same =
      waiting.kind === "delete" ? change.kind === "delete" : waiting.edit_hash === change.edit_hash;
    return { state, outcome: { status: same ? "duplicate" : "superseded" } };
  }
  const record: MessageRecord = {
    user_id: event.user_id,
    message_id: event.message_id,
    generation: event.generation,
    revision: 0,
    deleted: change.kind === "delete",
    first_received_at: event.first_received_at,
    pending: change,
  };
  return { state: { record }, outcome: { status: "pending" } };
}

const isLater = (
  change: Change,
  than: { readonly edited_at?: string; readonly edit_hash?: string },
): boolean =>
  than.edited_at === undefined ||
  change.edited_at > than.edited_at ||
  (change.edited_at === than.edited_at && change.edit_hash > (than.edit_hash ?? ""));

function changed(record: KnownRecord, row: StoredMessage, change: Change): Folded {
  const revision = Math.max(record.revision, row.revision) + 1;
  const { edited_at: _at, edit_hash: _hash, ...base } = record;
  if (change.kind === "delete") {
    return stored({ ...base, revision, deleted: true }, deletedRow(row, revision));
  }
  const { edited_at, edit_hash } = change;
  return stored({ ...base, revision, edited_at, edit_hash }, editedRow(row, change, revision));
}

const stored = (record: KnownRecord, row: StoredMessage): Folded => ({
  state: { record, row },
  outcome: { status: "stored", sort_key: record.sort_key, revision: record.revision },
});

/** The row as the edit says it: all that was spoken or said about it is replaced, so that order cannot matter. */
function editedRow(
  row: StoredMessage,
  { kind: _, edit_hash: _h, ...spoken }: Change,
  revision: number,
): StoredMessage {
  const { tool_calls: _t, media: _m, extra: _e, ...kept } = row;
  return { ...kept, ...spoken, revision };
}

/** The row without anything that was said; keys, times, kind and measurements stay. */
function deletedRow(row: StoredMessage, revision: number): StoredMessage {
  const {
    tool_calls: _t,
    media: _m,
    extra: _e,
    reply_to: _r,
    platform_message_id: _p,
    edited_at: _a,
    ...kept
  } = row;
  return { ...kept, content: "", metadata: {}, revision, deleted: true };
}

/**
 * How often an analysis can have raised a row's revision since the record was written: each fills at least one of four
 * fields that the row lacks.
 */
const MOST_ANALYSES = 4;

/** The row of a message whose row expired: a later change brings it back, so that search and lake learn of it. */
function revivedRow(record: KnownRecord, event: RoutedMessage): StoredMessage {
  const { tag: _tag, body_hash: _hash, ...message } = event;
  return {
    ...message,
    // The change need not say whose answer in which session it is about.
    ...record.origin,
    kind: "message",
    timestamp: record.sort_key.slice(0, -(record.message_id.length + 1)),
    first_received_at: record.first_received_at,
    conversation_id: record.conversation_id,
    // Above all that search and lake may hold of it.
    revision: record.revision + MOST_ANALYSES,
    deleted: false,
  };
}
