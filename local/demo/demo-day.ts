import { generateConversations, type QueueEvent } from "./conversations.ts";

const SEED = 7;
const USERS = 60;
const MESSAGES = 1_000;
/** Every so many messages come a second time, as platforms do. */
const REPEAT_EVERY = 40;

/** A day of events for the demonstration, and what to expect of them. */
export interface DemoDay {
  /** The day before today, UTC. */
  readonly day: string;
  readonly bodies: readonly string[];
  readonly messages: number;
  readonly repeated: number;
  readonly changed: number;
  readonly unusable: number;
  /** Canonical ids of all people. */
  readonly users: readonly string[];
  /** One of them, with an id that no other day has: who is erased stays erased when the day is sent again. */
  readonly leaver: string;
}

/** The day: 1,000 messages of 60 people and a few of one who leaves, some delivered twice, an edit, a deletion, and three that are no message. */
export function demoDay(now: Date): DemoDay {
  const day = new Date(now.getTime() - 86_400_000).toISOString().slice(0, 10);
  const leaver = `whatsapp:+9998${String(now.getTime()).slice(-9)}`;
  const events = [
    ...generateConversations({ seed: SEED, day, users: USERS, messages: MESSAGES }),
    ...farewell(leaver, day),
  ];
  const repeated = events.filter((_, index) => index % REPEAT_EVERY === 0);
  const changes = changesOf(events);
  const unusable = [
    "{ this is no JSON",
    JSON.stringify({ ...events[1], message_id: undefined }),
    JSON.stringify({ ...events[1], message_id: "far-in-the-past", timestamp: "1970-01-01T00:00:00.000Z" }),
  ];
  return {
    day,
    bodies: [...[...events, ...repeated, ...changes].map((event) => JSON.stringify(event)), ...unusable],
    messages: events.length,
    repeated: repeated.length,
    changed: changes.length,
    unusable: unusable.length,
    users: [...new Set(events.map(userOf))],
    leaver,
  };
}

/** The last conversation of a person who then wants everything about them to be erased. */
function farewell(user: string, day: string): QueueEvent[] {
  const session = `${user.slice(-9)}-last`;
  const said = [
    ["user", "hola, quiero darme de baja"],
    ["assistant", "Lamento que se vaya. ¿Desea que borremos también sus datos?"],
    ["user", "sí, por favor borren todo lo que tienen de mí"],
    ["assistant", "De acuerdo. Recibirá un comprobante firmado."],
  ] as const;
  return said.map(([role, content], index) => ({
    user_id: user,
    session_id: session,
    message_id: `${session}-${index}`,
    timestamp: `${day}T18:00:${String(index * 7).padStart(2, "0")}.000Z`,
    message_type: "text",
    role,
    content,
  }));
}

/** The bot corrects one of its answers and takes another back. */
function changesOf(events: readonly QueueEvent[]): QueueEvent[] {
  const answers = events.filter((event) => event["role"] === "assistant");
  const [edited, deleted] = [answers[3], answers[8]];
  return [
    {
      ...edited,
      kind: "edit",
      timestamp: laterBy(edited, 30),
      content: "Corrección: su pedido llega mañana.",
    },
    { ...deleted, kind: "delete", timestamp: laterBy(deleted, 60) },
  ];
}

const laterBy = (event: QueueEvent | undefined, seconds: number): string =>
  new Date(Date.parse(String(event?.["timestamp"])) + seconds * 1000).toISOString();

/** `<channel>:<native id>`, as the pipeline makes it. */
export const userOf = (event: QueueEvent): string =>
  event["canal"] === undefined ? String(event["user_id"]) : `${event["canal"]}:${event["user_id"]}`;
