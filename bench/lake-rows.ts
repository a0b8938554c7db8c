import type { LakeRow } from "../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../functions/core/domain/lake-row-of.ts";
import type { StoredMessage } from "../functions/core/domain/message.ts";
import { seededRandom } from "../test/support/random.ts";

/** Messages of a person on a day. */
export const MESSAGES_EACH = 20;
/** The day that the rows are of. */
export const BENCH_DAY = "2026-11-20";
const DAY_START = Date.parse(`${BENCH_DAY}T00:00:00.000Z`);
const SPACING_MS = 4_000_000;

const WORDS =
  `hola quiero saber cuándo abre la oficina de calle mayor gracias por favor necesito ayuda con mi pedido factura
   envío número mañana tarde puedo cambiar dirección entrega producto precio descuento tarjeta pago llegó roto
   devolver importe cuenta horario teléfono atención urgente todavía espero respuesta confirmar cita reunión`.split(
    /\s+/,
  );

/** The user ids of so many people, in the lake's order. */
export const benchUser = (person: number): string => `whatsapp:+34${600_000_000 + 7 * person}`;

/** A person's day: questions and answers as a chatbot's are, made up, the same for the same person. */
export function* chatOf(person: number, count = MESSAGES_EACH): Generator<LakeRow> {
  const random = seededRandom(person);
  const below = (limit: number): number => Math.floor(random() * limit);
  const code = (length: number): string => Array.from({ length }, () => below(36).toString(36)).join("");
  const session = `s-${code(20)}`;
  let question = "";
  for (let index = 0; index < count; index++) {
    const time = DAY_START + index * SPACING_MS + below(SPACING_MS);
    const isAnswer = index % 2 === 1;
    const message_id = `wa_${code(24)}`;
    const content = Array.from({ length: 4 + below(isAnswer ? 40 : 14) }, () => WORDS[below(WORDS.length)]);
    const base: StoredMessage = {
      kind: "message",
      channel: "whatsapp",
      bot_id: "oraculo",
      user_id: benchUser(person),
      message_id,
      session_id: session,
      conversation_id: session,
      timestamp: new Date(time).toISOString(),
      first_received_at: new Date(time + 300 + below(900)).toISOString(),
      position: 0,
      message_type: "text",
      role: isAnswer ? "assistant" : "user",
      content: content.join(" "),
      escalation_triggered: below(50) === 0,
      metadata: {},
      revision: isAnswer ? 1 : 2,
      generation: 1,
      deleted: false,
    };
    yield lakeRowOf(
      isAnswer
        ? {
            ...base,
            reply_to: question,
            ai_model_used: "a-model-2026",
            confidence_score: below(1_000) / 1_000,
            processing_time_ms: 200 + below(3_000),
            tokens_used: 20 + below(900),
          }
        : {
            ...base,
            platform_message_id: `wamid.${code(32)}`,
            metadata: {
              sentiment: (["positive", "neutral", "negative"] as const)[below(3)] ?? "neutral",
              sentiment_score: below(2_001) / 1_000 - 1,
              intent: `intent-${below(12)}`,
              language: below(10) === 0 ? "en" : "es",
            },
          },
    );
    question = message_id;
  }
}

/** So many rows, in the lake's order. */
export function* chatRows(count: number): Generator<LakeRow> {
  for (let made = 0; made < count; made += MESSAGES_EACH)
    yield* chatOf(made / MESSAGES_EACH, Math.min(MESSAGES_EACH, count - made));
}
