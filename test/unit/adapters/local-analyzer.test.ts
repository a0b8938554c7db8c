import { describe, expect, it } from "vitest";
import { createLocalAnalyzer } from "../../../functions/adapters/local-analyzer/local-analyzer.ts";
import type { AnalysisAspect, AnalysisRequest } from "../../../functions/core/ports/message-analyzer.ts";

const ALL: ReadonlySet<AnalysisAspect> = new Set(["sentiment", "intent", "language"]);
const analyzer = createLocalAnalyzer();
const analyze = async (text: string, request: Partial<AnalysisRequest> = {}) => {
  const [analysis] = await analyzer.analyze([{ text, aspects: ALL, ...request }]);
  return analysis !== undefined && "metadata" in analysis ? analysis.metadata : analysis;
};

describe("local analyzer", () => {
  it.each([
    ["Hola, ¿dónde está mi pedido?", { language: "es", intent: "order_status", sentiment: "neutral" }],
    ["PÉSIMO servicio, es una estafa", { language: "es", sentiment: "negative", intent: "complaint" }],
    ["pesimoooo servisio", { sentiment: "negative" }],
    ["muchas gracias, excelente", { sentiment: "positive", intent: "thanks" }],
    ["qué maravilla, otra vez el pedido perdido 🙄", { sentiment: "negative" }],
    ["I want a refund, this is awful", { language: "en", sentiment: "negative", intent: "refund" }],
  ])("%s", async (text, expected) => {
    expect(await analyze(text)).toMatchObject(expected);
  });

  it("leaves out what it cannot tell", async () => {
    expect(await analyze("...")).toEqual({});
    expect(await analyze("")).toEqual({});
    expect(await analyze("👍")).toEqual({ sentiment: "positive", sentiment_score: expect.any(Number) });
    // Another language than the analysed ones has neither sentiment nor intent.
    expect(await analyze("obrigado pela ajuda")).toEqual({ language: "pt" });
  });

  it("answers only what is asked", async () => {
    const text = "hola, dónde está mi pedido";
    expect(await analyze(text, { aspects: new Set(["language"]) })).toEqual({ language: "es" });
    expect(await analyze(text, { aspects: new Set(["intent"]) })).toEqual({ intent: "order_status" });
    expect(Object.keys((await analyze(text, { aspects: new Set(["sentiment"]) })) ?? {})).toEqual([
      "sentiment",
      "sentiment_score",
    ]);
  });

  it("takes a given language, region and all, instead of guessing", async () => {
    expect(await analyze("error", { language: "pt-BR" })).toEqual({ language: "pt-BR" });
    expect(await analyze("mi pedido no llega", { language: "es-CL" })).toMatchObject({
      language: "es-CL",
      sentiment: "negative",
    });
  });

  it("gives the same answers when created again", async () => {
    const texts = ["no me gustó nada", "todo bien pero caro", "hello", "¿y mi plata?", "a".repeat(200_000)];
    const requests = texts.map((text) => ({ text, aspects: ALL }));
    expect(await createLocalAnalyzer().analyze(requests)).toEqual(await analyzer.analyze(requests));
  });
});
