import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DEFAULT_INTENTS } from "../../../functions/adapters/local-analyzer/intents.ts";
import { LANGUAGE_TEXTS } from "../../../functions/adapters/local-analyzer/language.ts";
import { evaluate, type Task } from "./evaluate.ts";
import { hasSentiment, TAGS, TEST_SET } from "./labelled-set.ts";
import { accuracy, macroF1 } from "./metrics.ts";
import { renderFigures } from "./render.ts";

const DOCUMENT = join(import.meta.dirname, "..", "..", "..", "docs", "ANALYTICS.md");
const FIGURES = /(?<=<!-- figures: begin -->\n\n)[\s\S]*?(?=\n\n<!-- figures: end -->)/;

/** What no change may fall below, in accuracy and macro-F1: the figures of today less one sentence in fifty. */
const BOUNDS: Readonly<Record<Task, { readonly accuracy: number; readonly macroF1: number }>> = {
  sentiment: { accuracy: 0.667, macroF1: 0.65 },
  intent: { accuracy: 0.573, macroF1: 0.615 },
  language: { accuracy: 0.96, macroF1: 0.89 },
};

const evaluations = await evaluate();

describe("test set", () => {
  it("is large, varied and labelled with known labels", () => {
    const spanish = TEST_SET.filter(({ language }) => language === "es");
    expect(spanish.length).toBeGreaterThanOrEqual(300);
    expect(TEST_SET.filter(({ language }) => language === "en").length).toBeGreaterThanOrEqual(60);
    for (const country of ["CL", "AR", "MX", "CO", "PE", "ES"]) {
      expect(spanish.filter((sentence) => sentence.country === country).length).toBeGreaterThanOrEqual(25);
    }
    for (const tag of Object.keys(TAGS)) {
      expect(spanish.filter(({ tags }) => tags.has(tag)).length).toBeGreaterThanOrEqual(12);
    }
    const intents = new Set(["none", ...Object.keys(DEFAULT_INTENTS)]);
    expect(TEST_SET.filter(({ intent }) => !intents.has(intent))).toEqual([]);
    const sentiments = new Set(["positive", "negative", "neutral", "mixed"]);
    expect(TEST_SET.filter(hasSentiment).filter(({ sentiment }) => !sentiments.has(sentiment))).toEqual([]);
  });

  it("shares no sentence with what the analyzer learns from", () => {
    const plain = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}\p{Emoji}]/gu, "");
    const learnt = new Set(LANGUAGE_TEXTS.map(({ text }) => plain(text)));
    expect(TEST_SET.filter(({ text }) => learnt.has(plain(text))).map(({ text }) => text)).toEqual([]);
  });
});

describe.each(evaluations)("quality of $task", ({ task, analyzer, baselines }) => {
  it.each(Object.keys(baselines))("is better than %s", (name) => {
    const baseline = baselines[name] ?? [];
    expect(baseline.length).toBe(analyzer.length);
    expect(accuracy(analyzer)).toBeGreaterThan(accuracy(baseline));
    expect(macroF1(analyzer)).toBeGreaterThan(macroF1(baseline));
  });

  it("stays above its bounds", () => {
    expect(accuracy(analyzer)).toBeGreaterThanOrEqual(BOUNDS[task].accuracy);
    expect(macroF1(analyzer)).toBeGreaterThanOrEqual(BOUNDS[task].macroF1);
  });
});

it("is documented as it is (PUBLISH=1 writes the figures into docs/ANALYTICS.md)", () => {
  const figures = renderFigures(evaluations);
  if (process.env["PUBLISH"] === "1") {
    writeFileSync(
      DOCUMENT,
      readFileSync(DOCUMENT, "utf8").replace(FIGURES, () => figures),
    );
  }
  expect(FIGURES.exec(readFileSync(DOCUMENT, "utf8"))?.[0]).toBe(figures);
});
