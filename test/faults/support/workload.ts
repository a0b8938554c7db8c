import { randomUUID } from "node:crypto";
import { seededRandom } from "../../support/random.ts";

/** What a body says, so far as the oracle must know it; a poison says nothing that can be stored. */
export type Said =
  | {
      readonly kind: "message" | "edit" | "delete";
      readonly id: string;
      readonly session: string;
      readonly timestamp: string;
      readonly text: string;
    }
  | { readonly kind: "poison"; readonly field: string };

/** One body on its way, whose it is and what it says. */
export interface Delivery {
  readonly userId: string;
  readonly said: Said;
  readonly body: string;
}

export interface WorkloadOptions {
  readonly seed: number;
  readonly people: number;
  /** Deliveries of each person. */
  readonly each: number;
  /** Whether bodies that can never be stored are among them: one at least. @default true */
  readonly poison?: boolean;
}

/**
 * Deliveries of some people, mixed, each person's in the order they must be taken in. About a third are
 * duplicates (also with another platform time, where the first must win), edits, deletions, ids used twice for
 * different texts, and poison: what order and repetition can harm.
 */
export function workload({ seed, people, each, poison = true }: WorkloadOptions): Delivery[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const began = Date.now() - 3_600_000;
  const run = randomUUID();
  const own = Array.from({ length: people }, (_, person) => {
    const userId = `web:${run}-${person}`;
    const sessions = [`s-${run}-${person}-0`, `s-${run}-${person}-1`];
    const sent: Extract<Said, { kind: "message" | "edit" | "delete" }>[] = [];
    return Array.from({ length: each }, (_, turn): Delivery => {
      const timestamp = new Date(began + turn * 1_000 + below(1_000)).toISOString();
      const about = sent[below(sent.length)];
      const kind = below(100);
      if (about === undefined || kind < 64) {
        const session = sessions[below(2)] ?? "";
        const said = {
          kind: "message",
          id: `m${turn}`,
          session,
          timestamp,
          text: `${SAYINGS[below(SAYINGS.length)]} ${turn}-${below(1e6)}`,
        } as const;
        sent.push(said);
        return deliver(userId, said);
      }
      if (kind < 74) return deliver(userId, about);
      if (kind < 82) return deliver(userId, { ...about, timestamp });
      if (kind < 86) return deliver(userId, { ...about, text: `Otro texto ${turn}` });
      if (kind < 92)
        return deliver(userId, {
          ...about,
          kind: "edit",
          timestamp,
          text: `Corregido: me encanta el servicio, gracias ${turn}`,
        });
      if (kind < 95 || !poison) return deliver(userId, { ...about, kind: "delete", timestamp, text: "" });
      return poisoned(userId, timestamp, below(POISONS.length));
    });
  });
  const isPoison = ({ said }: Delivery): boolean => said.kind === "poison";
  const [first] = own;
  if (poison && first && !own.flat().some(isPoison)) {
    const timestamp = new Date(began + each * 1_000).toISOString();
    first.push(poisoned(`web:${run}-0`, timestamp, below(POISONS.length)));
  }
  // Each person's order stays; whose turn it is, is drawn.
  const mixed: Delivery[] = [];
  const open = own.filter((deliveries) => deliveries.length > 0);
  while (open.length > 0) {
    const index = below(open.length);
    const next = open[index]?.shift();
    if (next) mixed.push(next);
    if (open[index]?.length === 0) open.splice(index, 1);
  }
  return mixed;
}

function deliver(userId: string, said: Exclude<Said, { kind: "poison" }>): Delivery {
  const { kind, id, session, timestamp, text } = said;
  const body = JSON.stringify({
    user_id: userId,
    kind,
    message_id: id,
    session_id: session,
    timestamp,
    role: "user",
    content: kind === "delete" ? undefined : text,
  });
  return { userId, said, body };
}

/** Said by people, so that there is something to analyse. */
const SAYINGS = [
  "Me encanta este servicio, muchas gracias",
  "Esto es horrible, quiero una devolución",
  "¿Dónde está mi pedido?",
  "Necesito hablar con una persona, por favor",
];

const POISONS: readonly [field: string, fields: Readonly<Record<string, unknown>>][] = [
  ["content", { content: ["no es texto"] }],
  ["content", { content: "x".repeat(200_000) }],
  ["timestamp", { timestamp: "9999-12-31T23:59:59.999Z" }],
  ["message_id", { message_id: "m".repeat(10_000) }],
  ["role", { role: "nadie" }],
];

function poisoned(userId: string, timestamp: string, choice: number): Delivery {
  const [field, fields] = POISONS[choice] ?? ["content", { content: 1 }];
  const good = {
    user_id: userId,
    message_id: `p-${timestamp}`,
    session_id: "s",
    timestamp,
    role: "user",
    content: "a",
  };
  return { userId, said: { kind: "poison", field }, body: JSON.stringify({ ...good, ...fields }) };
}
