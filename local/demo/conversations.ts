import { CLOSINGS, EXCHANGES, FAREWELLS, GREETINGS, OPENINGS, SLOTS } from "./phrases.ts";
import { type Random, seededRandom } from "./random.ts";

/** An event as a channel publishes it to the queue: the short one or a full message. */
export type QueueEvent = Readonly<Record<string, unknown>>;

export interface ConversationsOptions {
  /** The same seed and day give the same events. */
  readonly seed: number;
  /** UTC day, `YYYY-MM-DD`. */
  readonly day: string;
  readonly users: number;
  /** How many messages in all. */
  readonly messages: number;
}

interface Person {
  readonly channel: "whatsapp" | "telegram" | "web";
  readonly nativeId: string;
}

/** One thing said, before it takes its channel's form. */
interface Utterance {
  readonly role: "user" | "assistant";
  readonly text: string;
  readonly intent?: string;
  readonly escalates?: boolean;
}

const CHANNELS = ["whatsapp", "whatsapp", "whatsapp", "telegram", "telegram", "web"] as const;
const DAY_MS = 86_400_000;

/**
 * A day of conversations in Spanish with a shop's bot, in order of time. People's messages on WhatsApp and
 * Telegram are short events, all others full messages; people and their numbers are made up.
 */
export function generateConversations(options: ConversationsOptions): QueueEvent[] {
  const random = seededRandom(options.seed);
  const people = Array.from({ length: options.users }, (_, index) =>
    inventPerson(random, options.seed, index),
  );
  const events: { at: number; event: QueueEvent }[] = [];
  for (let turn = 0; events.length < options.messages; turn++) {
    // Everybody writes once before anybody writes again.
    const person = turn < people.length ? (people[turn] as Person) : random.pick(people);
    const room = options.messages - events.length;
    events.push(...converse(random, person, options, turn).slice(0, room));
  }
  return events.sort((a, b) => a.at - b.at).map(({ event }) => event);
}

function inventPerson(random: Random, seed: number, index: number): Person {
  const channel = random.pick(CHANNELS);
  // +999 is no country's code: nobody has these numbers.
  const nativeId =
    channel === "whatsapp" ? `+999${seed}${String(index).padStart(6, "0")}` : `${seed}${1_000_000 + index}`;
  return { channel, nativeId };
}

function converse(
  random: Random,
  person: Person,
  { day, seed }: ConversationsOptions,
  turn: number,
): { at: number; event: QueueEvent }[] {
  const session = `${day}-${seed}-${turn}`;
  let at = Date.parse(`${day}T00:00:00Z`) + Math.floor((0.3 + 0.6 * random.next()) * DAY_MS);
  return script(random).map((said, position) => {
    at += said.role === "user" ? 5_000 + random.below(90_000) : 800 + random.below(3_000);
    const id = `${session}-${position}`;
    const isShort = said.role === "user" && person.channel !== "web";
    return {
      at,
      event: isShort
        ? shortEvent(person, said, at, id, session)
        : fullMessage(random, person, said, at, id, session),
    };
  });
}

function script(random: Random): Utterance[] {
  const said: Utterance[] = [];
  if (random.next() < 0.6) {
    said.push({ role: "user", text: random.pick(OPENINGS), intent: "greeting" });
    said.push({ role: "assistant", text: random.pick(GREETINGS), intent: "greeting" });
  }
  for (let exchanges = 1 + random.below(3); exchanges > 0; exchanges--) {
    const exchange = random.pick(EXCHANGES);
    const { intent, escalates = false } = exchange;
    said.push({ role: "user", text: fill(random, random.pick(exchange.asks)), intent });
    said.push({ role: "assistant", text: fill(random, random.pick(exchange.answers)), intent, escalates });
  }
  if (random.next() < 0.7) {
    said.push({ role: "user", text: random.pick(CLOSINGS), intent: "thanks" });
    said.push({ role: "assistant", text: random.pick(FAREWELLS), intent: "farewell" });
  }
  return said;
}

const fill = (random: Random, text: string): string =>
  text.replace(/\{(\w+)\}/g, (_, slot: string) => random.pick(SLOTS[slot] ?? [""]));

const shortEvent = (
  person: Person,
  said: Utterance,
  at: number,
  id: string,
  session: string,
): QueueEvent => ({
  canal: person.channel,
  user_id: person.nativeId,
  mensaje: said.text,
  timestamp: Math.floor(at / 1000),
  session_id: session,
  metadata: { chat_id: person.nativeId, message_id: id },
});

function fullMessage(
  random: Random,
  person: Person,
  said: Utterance,
  at: number,
  id: string,
  session: string,
): QueueEvent {
  const common = {
    user_id: `${person.channel}:${person.nativeId}`,
    message_id: id,
    session_id: session,
    timestamp: new Date(at).toISOString(),
    role: said.role,
    content: said.text,
  };
  if (said.role === "user") return common;
  return {
    ...common,
    ai_model_used: "gpt-4o-mini",
    confidence_score: Math.round((0.6 + 0.4 * random.next()) * 100) / 100,
    processing_time_ms: 300 + random.below(2_500),
    tokens_used: 20 + Math.ceil(said.text.length / 3),
    escalation_triggered: said.escalates ?? false,
    metadata: { intent: said.intent, language: "es" },
  };
}
