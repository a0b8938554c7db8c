import { expect, it } from "vitest";
import { createLexiconAnalyzer } from "../../../functions/adapters/lexicon/lexicon-analyzer.ts";

const analyze = async (text: string) => (await createLexiconAnalyzer().analyze([text]))[0];

it.each([
  ["Hola, ¿dónde está mi pedido?", { language: "es", intent: "order_status", sentiment: "neutral" }],
  ["PÉSIMO servicio, es una estafa", { language: "es", sentiment: "negative", intent: "complaint" }],
  ["muchas gracias, excelente", { sentiment: "positive", sentiment_score: 1 }],
  ["no es bueno", { sentiment: "negative", sentiment_score: -1 }],
  ["I want a refund, this is awful", { language: "en", sentiment: "negative" }],
  ["mañana", { sentiment: "neutral", sentiment_score: 0 }],
])("%s", async (text, expected) => {
  expect(await analyze(text)).toMatchObject(expected);
});

it("leaves out what it cannot tell", async () => {
  expect(await analyze("👍")).toEqual({});
  expect(await analyze("xyz")).toEqual({ sentiment: "neutral", sentiment_score: 0 });
});
