import type { Delivery } from "./workload.ts";

/** What the stores must hold of one message. */
export interface ExpectedMessage {
  readonly id: string;
  readonly session: string;
  /** The first one taken in wins. */
  readonly timestamp: string;
  readonly text: string;
  readonly deleted: boolean;
}

/** What the stores must hold of one person, whatever happened on the way. */
export interface ExpectedPerson {
  /** In the order they are shown. */
  readonly messages: readonly ExpectedMessage[];
  /** Messages counted in each session; an edit, a deletion or a duplicate counts nothing. */
  readonly counted: ReadonlyMap<string, number>;
  /** Fields at fault, sorted. */
  readonly quarantined: readonly string[];
}

interface Known extends ExpectedMessage {
  readonly original: string;
  readonly changedAt: string;
}

/**
 * What must come of one person's deliveries, taken in one after the other and each once. It knows nothing of the
 * product's code: a message is new, the same again, or another text under a known id; an edit replaces the text
 * unless a later edit was there; a deletion is final; poison goes to quarantine.
 */
export function expectedOf(deliveries: readonly Delivery[]): ExpectedPerson {
  const known = new Map<string, Known>();
  const quarantined: string[] = [];
  for (const { said } of deliveries) {
    if (said.kind === "poison") {
      quarantined.push(said.field);
      continue;
    }
    const { kind, id, session, timestamp, text } = said;
    const before = known.get(id);
    if (kind === "message") {
      if (before === undefined) {
        known.set(id, { id, session, timestamp, text, deleted: false, original: text, changedAt: "" });
      } else if (before.original !== text) quarantined.push("message_id");
    } else if (before && !before.deleted) {
      if (kind === "delete") known.set(id, { ...before, text: "", deleted: true });
      else if (timestamp > before.changedAt) known.set(id, { ...before, text, changedAt: timestamp });
    }
  }
  const messages = [...known.values()].sort((a, b) => (a.timestamp < b.timestamp ? -1 : 1));
  const counted = new Map<string, number>();
  for (const { session } of messages) counted.set(session, (counted.get(session) ?? 0) + 1);
  return { messages, counted, quarantined: quarantined.sort() };
}
