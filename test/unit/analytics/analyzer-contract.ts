import { describe, expect, it } from "vitest";
import type {
  AnalysisAspect,
  AnalysisRequest,
  MessageAnalyzer,
} from "../../../functions/core/ports/message-analyzer.ts";

const ALL_ASPECTS: ReadonlySet<AnalysisAspect> = new Set(["sentiment", "intent", "language"]);

export const asking = (text: string, over: Partial<AnalysisRequest> = {}): AnalysisRequest => ({
  text,
  aspects: ALL_ASPECTS,
  ...over,
});

/** The findings, for analyses none of which failed. */
export async function findingsOf(analyzer: MessageAnalyzer, requests: readonly AnalysisRequest[]) {
  const analyses = await analyzer.analyze(requests);
  return analyses.map((analysis) => ("metadata" in analysis ? analysis.metadata : analysis));
}

/** What every analyzer does. It is made before the first test, hence the function. */
export function describeMessageAnalyzer(name: string, analyzer: () => MessageAnalyzer): void {
  const findings = (...requests: AnalysisRequest[]) => findingsOf(analyzer(), requests);

  describe(`MessageAnalyzer: ${name}`, () => {
    it("answers nothing with nothing", async () => {
      expect(await analyzer().analyze([])).toEqual([]);
    });

    it("gives one analysis a request, in order", async () => {
      const texts = [
        "pésimo servicio, es una estafa",
        "thank you, great service",
        "hola, ¿dónde está mi pedido?",
      ];
      const requests = Array.from({ length: 60 }, (_, index) => asking(texts[index % 3] ?? ""));
      const found = await findings(...requests);
      expect(found.map((metadata) => ("language" in metadata ? metadata.language : metadata))).toEqual(
        requests.map((_, index) => ["es", "en", "es"][index % 3]),
      );
      expect(found[0]).toMatchObject({ sentiment: "negative", intent: "complaint" });
      expect(found[1]).toMatchObject({ sentiment: "positive", intent: "thanks" });
      expect(found[59]).toMatchObject({ sentiment: "neutral", intent: "order_status" });
    });

    it.each([
      ["language", ["language"]],
      ["intent", ["intent"]],
      ["sentiment", ["sentiment", "sentiment_score"]],
    ] as const)("answers only what is asked: %s", async (aspect, fields) => {
      const [found] = await findings(asking("gracias, excelente servicio", { aspects: new Set([aspect]) }));
      expect(Object.keys(found ?? {}).sort()).toEqual(fields);
    });

    it("has a score of two decimals with the sign of its sentiment", async () => {
      const [good, bad] = await findings(
        asking("muchas gracias, excelente atención"),
        asking("esto es horrible, una estafa de empresa"),
      );
      expect(good).toMatchObject({ sentiment: "positive", sentiment_score: expect.closeTo(0.7, 0) });
      expect(bad).toMatchObject({ sentiment: "negative", sentiment_score: expect.closeTo(-0.7, 0) });
      for (const found of [good, bad]) {
        const score = found !== undefined && "sentiment_score" in found ? Number(found.sentiment_score) : NaN;
        expect(Math.abs(score)).toBeLessThanOrEqual(1);
        expect(Math.round(score * 100) / 100).toBe(score);
      }
    });

    it("tells sentiment and intent of Spanish and English only", async () => {
      const [found] = await findings(asking("muito obrigado pela ajuda"));
      expect(found).toEqual({ language: "pt" });
    });

    it("trusts a language it is given, with its region", async () => {
      const [spanish, portuguese] = await findings(
        asking("error error, malo", { language: "es-CL", aspects: new Set(["sentiment"]) }),
        asking("error error, malo", { language: "pt-BR", aspects: new Set(["sentiment"]) }),
      );
      expect(spanish).toMatchObject({ sentiment: "negative" });
      expect(portuguese).toEqual({});
    });

    it.each(["", "   ", "\n"])("finds nothing in %j", async (text) => {
      expect(await findings(asking(text))).toEqual([{}]);
    });

    it.each([
      ["200,000 letters", "a".repeat(200_000)],
      ["emoji across the limit", `x${"😡".repeat(3_000)}`],
      ["a lone surrogate", "hola \ud800 qué tal"],
      ["NUL", "hola \0 gracias"],
    ])("takes %s", async (_, text) => {
      const [analysis] = await analyzer().analyze([asking(text)]);
      expect(analysis).toHaveProperty("metadata");
    });
  });
}
