import { randomUUID } from "node:crypto";
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from "@aws-sdk/client-cloudwatch-logs";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ago, anEvent, Pipeline, somebody } from "../support/pipeline.ts";

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await Pipeline.open();
});
afterAll(() => pipeline.close());

/** In every text and id of this file that a log must not hold. */
const CANARY = `canario${randomUUID().slice(0, 8)}`;

describe("texts that are stored exactly", () => {
  const TEXTS = {
    nul: `a\u0000b ${CANARY}`,
    emoji: "👩🏽‍🚀 ¡olé! 🇨🇱 e\u0301",
    quotes: `"}],{'$.messages' \${x} \\u0041 \u2028 ${CANARY}`,
    markup: "<b>&amp;</b> <em>no</em> %2F ../ *",
    spaces: "  \t\r\n fin  ",
    bom: "\ufeffhola",
    empty: "",
    long: "palabra ".repeat(12_000),
  };

  it.each(Object.entries(TEXTS))("%s", async (name, content) => {
    const user = somebody();
    await pipeline.deliver([anEvent(user, name, { content })]);
    const [rows, documents, context] = await Promise.all([
      pipeline.messagesOf(user),
      pipeline.documentsOf(user),
      pipeline.contextOf(user),
    ]);
    expect(rows.map((row) => row.content)).toEqual([content]);
    expect(documents.map((document) => document["content"])).toEqual([content]);
    expect(context.messages.map((message) => message.content)).toEqual([content]);
  });

  it("fields Hilo does not know, tool calls and media", async () => {
    const user = somebody();
    const fields = {
      campaign: { name: "otoño", tags: ["a", null, 1e-7], deep: { x: true } },
      metadata: { sentiment: "neutral", "clave rara.": { a: [1] } },
      tool_calls: [{ tool: "buscar", args: { q: 'x"}' }, result: ["", { n: -0.5 }] }],
      media: { mime_type: "image/png", size: 12 },
    };
    await pipeline.deliver([anEvent(user, "m1", fields)]);
    const [row] = await pipeline.messagesOf(user);
    const { campaign, ...known } = fields;
    expect(row).toMatchObject({ ...known, extra: { campaign } });
  });
});

it.each(["*", "a:b", "{x}", "../", '"}', "%2F", "🙂", `+12[3]4 ${CANARY}`])(
  "messages of the person %j are that person's alone",
  async (id) => {
    const user = `web:${id}${randomUUID()}`;
    await pipeline.deliver([anEvent(user, "m1"), anEvent(`${user}4`, "m1", { content: "del otro" })]);
    expect((await pipeline.messagesOf(user)).map(({ content }) => content)).toEqual(["texto de m1"]);
    expect((await pipeline.contextOf(user)).messages.map(({ content }) => content)).toEqual(["texto de m1"]);
    expect((await pipeline.documentsOf(user)).map((document) => document["content"])).toEqual([
      "texto de m1",
    ]);
  },
);

describe("what can never be stored", () => {
  const person = somebody();
  const good = (fields: Record<string, unknown>) => anEvent(person, `m-${randomUUID()}`, fields);
  const BODIES: [name: string, field: string, body: unknown][] = [
    ["a wrong type", "content", good({ content: [CANARY] })],
    ["a missing id", "message_id", good({ message_id: undefined })],
    ["an id with a character that is not allowed", "message_id", good({ message_id: `a!${CANARY}` })],
    ["an id of 10,000 characters", "message_id", good({ message_id: CANARY.padEnd(10_000, "m") })],
    ["the year 1970", "timestamp", good({ timestamp: "1970-01-01T00:00:00.000Z" })],
    ["the year 9999", "timestamp", good({ timestamp: "9999-12-31T23:59:59.999Z" })],
    ["tomorrow", "timestamp", good({ timestamp: ago(-86_400) })],
    ["an unknown role", "role", good({ role: CANARY })],
    ["too much of unknown fields", "extra", good({ more: CANARY.padEnd(20_000, "x") })],
    ["a text of 300 KB", "content", good({ content: CANARY.padEnd(300_000, "x") })],
    ["a body of 1 MiB", "content", good({ content: CANARY.padEnd(1_048_576 - 400, "x") })],
    ["a lone surrogate", "content", JSON.stringify(good({ content: `${CANARY}\ud800` }))],
    [
      "a number that is not exact",
      "tokens_used",
      JSON.stringify(good({ tokens_used: 0 })).replace('"tokens_used":0', '"tokens_used":9007199254740993'),
    ],
  ];

  it("is kept in quarantine with field and reason, body unchanged, while other people's messages proceed", async () => {
    const other = somebody();
    await pipeline.deliver([
      ...BODIES.map(([, , body]) => body),
      anEvent(other, "m1"),
      anEvent(person, "last"),
    ]);
    expect(await pipeline.messagesOf(other)).toHaveLength(1);
    expect((await pipeline.messagesOf(person)).map(({ message_id }) => message_id)).toEqual(["last"]);

    const entries = await pipeline.itemsOf("quarantine", person);
    expect(entries.map((entry) => entry["field"]).sort()).toEqual(BODIES.map(([, field]) => field).sort());
    const bodies = await Promise.all(entries.map(bodyOf));
    expect(bodies.sort()).toEqual(
      BODIES.map(([, , body]) => (typeof body === "string" ? body : JSON.stringify(body))).sort(),
    );
    for (const entry of entries) expect(String(entry["detail"])).not.toContain(CANARY);
  });

  it.each([
    ["no JSON", `{"a": ${CANARY}`],
    ["a number", "42"],
    ["a list", "[]"],
    ["an object that is no message", `{"x":"${CANARY}"}`],
    [
      "a person's id of 10,000 characters",
      JSON.stringify(anEvent(`web:${CANARY.padEnd(10_000, "u")}`, "m1")),
    ],
    ["a short event without text", JSON.stringify({ canal: "telegram", timestamp: 1, metadata: {} })],
  ])("is kept without a person where the body names none: %s", async (_, body) => {
    const before = await pipeline.itemsOf("quarantine", "unknown");
    await pipeline.deliverPastWindow([body]);
    const known = new Set(before.map((entry) => entry["received"]));
    const added = (await pipeline.itemsOf("quarantine", "unknown")).filter(
      (entry) => !known.has(entry["received"]),
    );
    expect(await Promise.all(added.map(bodyOf))).toEqual([body]);
  });

  async function bodyOf(entry: Readonly<Record<string, unknown>>): Promise<string> {
    const key = entry["body_object"];
    if (typeof key !== "string") return String(entry["body_text"]);
    const object = new GetObjectCommand({ Bucket: pipeline.stage.outputs.bucket, Key: key });
    const { Body: body } = await pipeline.stage.s3.send(object);
    return (await body?.transformToString()) ?? "";
  }
});

it("no text and no id is in any function's log", async () => {
  const logs = new CloudWatchLogsClient(pipeline.stage.aws);
  try {
    const lines: string[] = [];
    for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, {})) {
      for (const { logGroupName } of logGroups) {
        for await (const page of paginateFilterLogEvents({ client: logs }, { logGroupName })) {
          lines.push(...(page.events ?? []).map(({ message = "" }) => message));
        }
      }
    }
    // The functions' own lines are among them.
    expect(lines.some((line) => line.includes("QuarantinedMessages"))).toBe(true);
    expect(lines.filter((line) => line.includes(CANARY) || /web:|texto de/.test(line))).toEqual([]);
  } finally {
    logs.destroy();
  }
});
