import { detect } from "tinyld";
import { createLocalAnalyzer } from "../../../functions/adapters/local-analyzer/local-analyzer.ts";
import type { AnalysisAspect } from "../../../functions/core/ports/message-analyzer.ts";
import { afinnSentiment } from "./baselines/afinn.ts";
import { plainLexicon } from "./baselines/plain-lexicon.ts";
import { hasSentiment, type Labelled, TEST_SET } from "./labelled-set.ts";
import { type Judged, majority } from "./metrics.ts";

export type Task = "sentiment" | "intent" | "language";

export interface Evaluation {
  readonly task: Task;
  readonly sentences: readonly Labelled[];
  /** The analyzer's answers, in the order of the sentences. */
  readonly analyzer: readonly Judged[];
  /** Answers of simpler ways, by name. */
  readonly baselines: Readonly<Record<string, readonly Judged[]>>;
}

const ASPECTS: ReadonlySet<AnalysisAspect> = new Set(["sentiment", "intent", "language"]);

/** Has the analyzer and the baselines judge the test set, each sentence by its text alone. */
export async function evaluate(): Promise<readonly Evaluation[]> {
  const analyses = await createLocalAnalyzer().analyze(
    TEST_SET.map(({ text }) => ({ text, aspects: ASPECTS })),
  );
  const found = new Map(
    TEST_SET.map((sentence, position) => {
      const analysis = analyses[position];
      return [sentence, analysis !== undefined && "metadata" in analysis ? analysis.metadata : {}];
    }),
  );

  const evaluation = (
    task: Task,
    sentences: readonly Labelled[],
    others: Readonly<Record<string, (sentence: Labelled) => string | undefined>>,
  ): Evaluation => {
    const judge = (answer: (sentence: Labelled) => string | undefined): Judged[] =>
      sentences.map((sentence) => ({ actual: sentence[task], predicted: answer(sentence) ?? "none" }));
    const analyzer = judge((sentence) => found.get(sentence)?.[task]);
    const judged = Object.entries(others).map(([name, answer]) => [name, judge(answer)] as const);
    return {
      task,
      sentences,
      analyzer,
      baselines: { majority: majority(analyzer), ...Object.fromEntries(judged) },
    };
  };

  const analysed = TEST_SET.filter(hasSentiment);
  return [
    evaluation("sentiment", analysed, {
      "plain lexicon": ({ text }) => plainLexicon(text).sentiment,
      AFINN: ({ text, language }) => afinnSentiment(text, language === "en" ? "en" : "es"),
    }),
    evaluation("intent", analysed, { "plain lexicon": ({ text }) => plainLexicon(text).intent }),
    evaluation(
      "language",
      TEST_SET.filter(({ text }) => /\p{L}/u.test(text)),
      {
        "plain lexicon": ({ text }) => plainLexicon(text).language,
        "tinyld as it comes": ({ text }) => detect(text),
      },
    ),
  ];
}
