import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createTextRedactor } from "../../../functions/adapters/redaction/text-redactor.ts";
import { KeyChain } from "../../../functions/core/domain/key-chain.ts";
import type { LakeRow } from "../../../functions/core/domain/lake-row.ts";
import { lakeRowOf } from "../../../functions/core/domain/lake-row-of.ts";
import type { StoredMessage } from "../../../functions/core/domain/message.ts";
import {
  createTrainingLogs,
  type TrainingLogCounts,
  type TrainingLogDeps,
} from "../../../functions/core/use-cases/training-log.ts";
import { trainingPerson } from "../../../functions/core/use-cases/training-record.ts";
import { aStoredMessage, later } from "../../support/builders.ts";

const DAY = "2026-11-20";
const KEYS = new KeyChain({ k1: "a-key-of-tests-that-is-long-enough-to-be-one" });

/** Message `id`, so many seconds into the conversation. */
const said = (id: string, second: number, over: Partial<StoredMessage> = {}): LakeRow => {
  const timestamp = later(second * 1000);
  return lakeRowOf(
    aStoredMessage({
      message_id: id,
      timestamp,
      first_received_at: timestamp,
      content: `texto de ${id}`,
      ...over,
    }),
  );
};
const answered = (id: string, second: number, over: Partial<StoredMessage> = {}): LakeRow =>
  said(id, second, { role: "assistant", ...over });

interface Log {
  readonly bytes: Buffer;
  readonly lines: readonly string[];
  readonly records: readonly Readonly<Record<string, never>>[];
  readonly counts: TrainingLogCounts;
  /** `person generation`, in the order they were announced; `|` where bytes were written. */
  readonly events: readonly string[];
  /** Sizes of the questions to the profiles. */
  readonly asked: readonly number[];
}

async function logOf(
  rows: readonly LakeRow[],
  { optedOut = [], ...options }: Partial<TrainingLogDeps> & { readonly optedOut?: readonly string[] } = {},
): Promise<Log> {
  const chunks: Uint8Array[] = [];
  const events: string[] = [];
  const asked: number[] = [];
  let counts: TrainingLogCounts | undefined;
  const logs = createTrainingLogs({
    preferences: {
      async optedOut(users) {
        asked.push(users.length);
        expect(new Set(users).size).toBe(users.length);
        return new Set(users.filter((user) => optedOut.includes(user)));
      },
    },
    report: (all) => {
      counts = all;
    },
    ...options,
  });
  const log = logs.open({
    day: DAY,
    object: 0,
    objects: 1,
    async sink(chunk) {
      events.push("|");
      chunks.push(chunk);
    },
    async holds(user, generation) {
      events.push(`${user} ${generation}`);
    },
  });
  for (const row of rows) await log.add(row);
  const records = await log.end();
  const bytes = Buffer.concat(chunks);
  const lines = gunzipSync(bytes).toString().split("\n").slice(0, -1);
  if (counts === undefined) throw new Error("nothing reported");
  expect(records).toBe(lines.length);
  expect(counts.interactions).toBe(lines.length);
  return { bytes, lines, records: lines.map((line) => JSON.parse(line)), counts, events, asked };
}

/** Ids of questions and answers of each record: `u1 u2 > a1`. */
const pairs = ({ lines }: Log): string[] =>
  lines.map((line) => {
    const { question, answers } = JSON.parse(line) as Record<
      "question" | "answers",
      { message_id: string }[]
    >;
    const ids = (messages: readonly { message_id: string }[]) =>
      messages.map(({ message_id }) => message_id).join(" ");
    return `${ids(question)} > ${ids(answers)}`;
  });

describe("which messages are one interaction", () => {
  it.each<[string, LakeRow[], string[], Partial<TrainingLogCounts>]>([
    ["a question and its answer", [said("u1", 0), answered("a1", 1)], ["u1 > a1"], {}],
    [
      "several questions before an answer are one",
      [said("u1", 0), said("u2", 1), answered("a1", 2), said("u3", 3), answered("a2", 4)],
      ["u1 u2 > a1", "u3 > a2"],
      {},
    ],
    [
      "several answers belong to the question before",
      [said("u1", 0), answered("a1", 1), answered("a2", 2)],
      ["u1 > a1 a2"],
      {},
    ],
    [
      "an answer belongs to the message it names, whatever came between",
      [
        said("u1", 0),
        said("u2", 1),
        answered("a2", 2, { reply_to: "u2" }),
        answered("a1", 3, { reply_to: "u1" }),
      ],
      ["u1 > a1", "u2 > a2"],
      {},
    ],
    [
      "an answer to an answer belongs to its question",
      [said("u1", 0), answered("a1", 1), said("u2", 2), answered("a2", 3, { reply_to: "a1" })],
      ["u1 > a1 a2"],
      { unanswered: 1 },
    ],
    [
      "an answer to an answer that names its question belongs to that",
      [
        said("u1", 0),
        said("u2", 1),
        answered("a1", 2, { reply_to: "u1" }),
        answered("a2", 3, { reply_to: "a1" }),
        answered("a3", 4),
      ],
      ["u1 > a1 a2", "u2 > a3"],
      {},
    ],
    [
      "an answer to another day's message, or to a deleted one, answers nothing",
      [
        said("u1", 0, { deleted: true, content: "" }),
        answered("a1", 1, { reply_to: "u1" }),
        said("u2", 2),
        answered("a2", 3, { reply_to: "yesterday" }),
      ],
      [],
      { unanswered: 1, unasked: 2 },
    ],
    [
      "answers that name each other answer nothing",
      [answered("a1", 0, { reply_to: "a2" }), answered("a2", 1, { reply_to: "a1" })],
      [],
      { unasked: 2 },
    ],
    ["an answer without a question", [answered("a1", 0), said("u1", 1)], [], { unanswered: 1, unasked: 1 }],
    [
      "the role system is no part of it",
      [
        said("s1", 0, { role: "system" }),
        said("u1", 1),
        said("s2", 2, { role: "system" }),
        answered("a1", 3),
      ],
      ["u1 > a1"],
      {},
    ],
    [
      "a deleted answer leaves its question unanswered",
      [said("u1", 0), answered("a1", 1, { deleted: true, content: "" })],
      [],
      { unanswered: 1 },
    ],
    [
      "conversations are apart, though they interleave",
      [
        said("u1", 0, { conversation_id: "c1" }),
        said("v1", 1, { conversation_id: "c2" }),
        answered("a1", 2, { conversation_id: "c1" }),
        answered("b1", 3, { conversation_id: "c2" }),
      ],
      ["u1 > a1", "v1 > b1"],
      {},
    ],
    [
      "a question of a session before that nobody answered is not part of the next one's",
      [
        said("u1", 0, { session_id: "s1", conversation_id: "c" }),
        said("u2", 9_000, { session_id: "s2", conversation_id: "c" }),
        answered("a2", 9_001, { session_id: "s2", conversation_id: "c" }),
      ],
      ["u2 > a2"],
      { unanswered: 1 },
    ],
    [
      "messages of one moment keep the order they came in",
      [answered("a1", 0, { position: 1 }), said("u1", 0, { position: 0 })],
      ["u1 > a1"],
      {},
    ],
  ])("%s", async (_, rows, expected, counts) => {
    const log = await logOf(rows);
    expect(pairs(log)).toEqual(expected);
    expect(log.counts).toEqual({
      interactions: expected.length,
      unanswered: 0,
      unasked: 0,
      optedOut: 0,
      ...counts,
    });
  });

  it("never puts two people's messages together, though their ids are equal", async () => {
    const other = { user_id: "whatsapp:+34600000002", conversation_id: "c" };
    const log = await logOf([
      said("u1", 0, { conversation_id: "c" }),
      answered("a1", 0, other),
      said("u1", 1, other),
    ]);
    expect(pairs(log)).toEqual([]);
    expect(log.counts).toMatchObject({ unanswered: 2, unasked: 1 });
  });
});

const CHAT = [
  said("u1", 0, {
    content: "soy 12.345.678-5, ana@correo.cl 👍",
    metadata: { sentiment: "positive", sentiment_score: 0.5, intent: "greeting", language: "es" },
  }),
  answered("a1", 2, {
    content: "hola",
    ai_model_used: "gpt-4o-mini",
    confidence_score: 0.9,
    processing_time_ms: 800,
    tokens_used: 40,
    tool_calls: [{ tool: "buscar", args: { rut: "12.345.678-5" }, result: { order: 48213 } }],
    platform_message_id: "wamid.HBgLMzQ2MDA",
  }),
];

describe("records", () => {
  it("hold both sides with what is known of each, and nothing else", async () => {
    const { records } = await logOf(CHAT);
    expect(records).toEqual([
      {
        interaction_id: "u1",
        user_id: "whatsapp:+34600000001",
        generation: 1,
        session_id: expect.stringMatching(/^s-/),
        conversation_id: expect.stringMatching(/^s-/),
        channel: "whatsapp",
        bot_id: "oraculo",
        asked_at: "2026-11-20T12:00:00.000Z",
        answered_at: "2026-11-20T12:00:02.000Z",
        question: [
          {
            message_id: "u1",
            timestamp: "2026-11-20T12:00:00.000Z",
            content: "soy 12.345.678-5, ana@correo.cl 👍",
            message_type: "text",
            sentiment: "positive",
            sentiment_score: 0.5,
            intent: "greeting",
            language: "es",
            escalation_triggered: false,
          },
        ],
        answers: [
          {
            message_id: "a1",
            timestamp: "2026-11-20T12:00:02.000Z",
            content: "hola",
            message_type: "text",
            ai_model_used: "gpt-4o-mini",
            confidence_score: 0.9,
            processing_time_ms: 800,
            tokens_used: 40,
            escalation_triggered: false,
            tool_calls: [{ tool: "buscar", args: { rut: "12.345.678-5" }, result: { order: 48213 } }],
          },
        ],
      },
    ]);
  });

  it("keep numbers beyond 2^53, texts with NUL and lone surrogates, and tool calls that are no JSON", async () => {
    const [question, answer] = CHAT;
    if (!question || !answer) throw new Error("no rows");
    const odd = {
      ...answer,
      tokens_used: 9_007_199_254_740_993n,
      confidence_score: Number.NaN,
      content: "a\u0000b\ud800",
      tool_calls: "{no json",
    };
    const { lines } = await logOf([question, odd]);
    expect(lines[0]).toContain('"tokens_used":9007199254740993,');
    expect(lines[0]).toContain('"content":"a\\u0000b\\ud800"');
    expect(lines[0]).toContain('"tool_calls":"{no json"');
    expect(lines[0]).toContain('"confidence_score":null');
  });

  it("carry keyed hashes instead of ids where asked, the same ones on another day", async () => {
    const log = await logOf(CHAT, { pseudonyms: KEYS });
    const text = log.lines.join();
    for (const id of ["+34600000001", '"u1"', '"a1"', '"s-', "wamid"]) expect(text).not.toContain(id);
    const [next] = (await logOf([said("u9", 0), answered("a9", 1)], { pseudonyms: KEYS })).records;
    expect(next?.["user_id"]).toBe(log.records[0]?.["user_id"]);
    expect(next?.["user_id"]).toBe(trainingPerson("whatsapp:+34600000001", KEYS));
    expect(next?.["interaction_id"]).not.toBe(log.records[0]?.["interaction_id"]);
  });

  it("lose what identifies people in texts and tool calls where asked", async () => {
    const { lines } = await logOf(CHAT, { redactor: createTextRedactor() });
    expect(lines[0]).toContain('"content":"soy [ID], [EMAIL] 👍"');
    expect(lines[0]).toContain('"args":{"rut":"[ID]"},"result":{"order":48213}');
  });
});

/** A question and an answer of each of so many people, in the lake's order. */
function crowd(people: number, text = "hola"): LakeRow[] {
  return Array.from({ length: people }, (_, index) => {
    const who = {
      user_id: `web:${String(index).padStart(6, "0")}`,
      session_id: "s",
      conversation_id: "c",
      generation: 3,
    };
    return [said("u", 0, { ...who, content: `${text} ${index}` }), answered("a", 1, who)];
  }).flat();
}

describe("the file", () => {
  it("has the same bytes for the same rows", async () => {
    const rows = crowd(250);
    const options = { pseudonyms: KEYS, redactor: createTextRedactor() };
    expect((await logOf(rows, options)).bytes.equals((await logOf(rows, options)).bytes)).toBe(true);
  });

  it("is a gzip file of nothing where there is no interaction", async () => {
    const { bytes, lines, asked } = await logOf([]);
    expect(bytes.length).toBeGreaterThan(0);
    expect([lines, asked]).toEqual([[], []]);
  });

  it("leaves out who does not want to train models; asks for at most 100 people at once", async () => {
    const log = await logOf(crowd(250), { optedOut: ["web:000007", "web:000100", "web:000249"] });
    expect(log.asked).toEqual([100, 100, 50]);
    expect(log.counts).toEqual({ interactions: 247, unanswered: 0, unasked: 0, optedOut: 3 });
    for (const user of ["web:000007", "web:000100", "web:000249"]) {
      expect(log.lines.join()).not.toContain(user);
      expect(log.events.join()).not.toContain(user);
    }
  });

  it("announces everybody it holds before their first byte, with their generation", async () => {
    const text = [...Array(600)].map((_, index) => `palabra${index % 7}`).join(" ");
    const log = await logOf(crowd(450, text));
    expect(log.events.filter((event) => event === "|").length).toBeGreaterThan(1);
    const members = log.events.join().split("|");
    const announced = new Set<string>();
    // Members are written where the marks stand; all of a member's people are announced before its mark.
    let line = 0;
    for (const [index, before] of members.slice(0, -1).entries()) {
      for (const event of before.split(",").filter(Boolean)) announced.add(event);
      const size = memberLines(log.bytes, index);
      for (const record of log.records.slice(line, line + size))
        expect(announced).toContain(`${record["user_id"]} 3`);
      line += size;
    }
    expect(line).toBe(450);
  });

  it("pairs one person's endless day in parts, so that memory stays bounded", async () => {
    const long = "x".repeat(100_000);
    const rows = Array.from({ length: 100 }, (_, n) => [
      said(`u${n}`, 2 * n, { content: long }),
      answered(`a${n}`, 2 * n + 1),
    ]).flat();
    const log = await logOf(rows, { optedOut: ["nobody"] });
    expect(log.asked).toEqual([1, 1]);
    expect(pairs(log)).toHaveLength(100);
    expect((await logOf(rows, { optedOut: ["whatsapp:+34600000001"] })).counts.optedOut).toBe(1);
  });
});

/** Lines of the n-th gzip member, found by decompressing ever longer beginnings at members' magic numbers. */
function memberLines(bytes: Buffer, wanted: number): number {
  const starts: number[] = [];
  for (let at = bytes.indexOf("1f8b08", 0, "hex"); at >= 0; at = bytes.indexOf("1f8b08", at + 1, "hex"))
    starts.push(at);
  const whole: number[] = [];
  let from = 0;
  for (const end of [...starts.slice(1), bytes.length]) {
    try {
      whole.push(gunzipSync(bytes.subarray(from, end)).toString().split("\n").length - 1);
      from = end;
    } catch {
      // Not a member's end: the number occurs inside.
    }
  }
  return whole[wanted] ?? 0;
}
