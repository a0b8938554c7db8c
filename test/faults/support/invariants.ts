import type { Row } from "../../support/pipeline.ts";
import type { Holdings } from "./holdings.ts";
import type { ExpectedMessage, ExpectedPerson } from "./oracle.ts";

/** Messages a context holds. */
const CAPACITY = 50;

/** One statement about a person's holdings; what it returns is what is wrong. */
type Invariant = (held: Holdings, expected: ExpectedPerson) => readonly string[];
type Invariants = Readonly<Record<string, Invariant>>;

/** What must hold of one person from the moment their messages have left the queue. To add an invariant, add it here. */
const DURABLE: Invariants = {
  "rows: lost 0, doubled 0, the first time and the last text": (held, { messages }) =>
    difference(
      held.rows.map((row) => line(String(row["timestamp"]), row["content"], row["deleted"])),
      messages.map((message) => line(sortKey(message), message.text, message.deleted)),
    ),
  "message-ids: one a message, at its row": (held) =>
    difference(
      held.ids.map((id) => line(String(id["sort_key"]), id["deleted"])),
      held.rows.map((row) => line(String(row["timestamp"]), row["deleted"])),
    ),
  "message-ids: at the revision of the row, or what an analysis raised it from": (held) =>
    held.ids.flatMap((id) => {
      const row = held.rows.find(({ timestamp }) => timestamp === id["sort_key"]);
      const raised = Number(row?.["revision"]) - Number(id["revision"]);
      return raised === 0 || raised === 1 ? [] : [`${id["sort_key"]} is ${raised} behind`];
    }),
  "counters: exact": ({ profile, headers }, { messages, counted }) =>
    difference(
      [
        line("messages", (profile?.["interaction_history"] as Row | undefined)?.["total_messages"] ?? 0),
        line("conversations", profile?.["total_conversations"] ?? 0),
        ...[...headers].map(([session, header]) => line(session, header?.["message_count"] ?? 0)),
      ],
      [
        line("messages", messages.length),
        line("conversations", counted.size),
        ...[...headers.keys()].map((session) => line(session, counted.get(session) ?? 0)),
      ],
    ),
  "quarantine: exactly the poison": ({ quarantined }, expected) =>
    difference(
      quarantined.map((entry) => String(entry["field"])),
      expected.quarantined,
    ),
};

/** What must hold of one person, besides, once all queues are empty. To add an invariant, add it here. */
const CONVERGED: Invariants = {
  "documents: one a row, at its revision, with its text": (held) =>
    difference(
      held.documents.map((document) =>
        line(
          `${document["timestamp"]}#${document["message_id"]}`,
          document["_version"],
          document["revision"],
          document["content"] ?? "",
        ),
      ),
      held.rows.map((row) =>
        line(String(row["timestamp"]), row["revision"], row["revision"], row["content"]),
      ),
    ),
  "context: the newest rows in their order, from the cache or not": ({ contexts }, { messages }) => {
    const newest = messages
      .filter(({ deleted }) => !deleted)
      .slice(-CAPACITY)
      .map(({ id, text }) => line(id, text))
      .reverse();
    return contexts.flatMap((context, reading) => {
      const shown = context.messages.map(({ message_id, content }) => line(message_id, content));
      return shown.join() === newest.join()
        ? []
        : [`reading ${reading} (${context.cache}): ${shown} ≠ ${newest}`];
    });
  },
};

/** What is wrong with what the durable store holds of a person. */
export const lostOrDoubled = (held: Holdings, expected: ExpectedPerson): string[] =>
  violations(DURABLE, held, expected);

/** What is wrong with what all stores hold of a person. */
export const notConverged = (held: Holdings, expected: ExpectedPerson): string[] =>
  violations({ ...DURABLE, ...CONVERGED }, held, expected);

function violations(invariants: Invariants, held: Holdings, expected: ExpectedPerson): string[] {
  return Object.entries(invariants).flatMap(([name, invariant]) =>
    invariant(held, expected).map((wrong) => `${name}: ${wrong}`),
  );
}

const line = (...parts: readonly unknown[]): string => parts.map(String).join(" | ");

const sortKey = ({ timestamp, id }: ExpectedMessage): string => `${timestamp}#${id}`;

/** Compares two collections whatever their order; repetitions count. */
function difference(found: readonly string[], expected: readonly string[]): string[] {
  const missing = [...expected];
  const surplus = found.filter((item) => {
    const index = missing.indexOf(item);
    if (index >= 0) missing.splice(index, 1);
    return index < 0;
  });
  return [...missing.map((item) => `missing ${item}`), ...surplus.map((item) => `too much ${item}`)];
}
