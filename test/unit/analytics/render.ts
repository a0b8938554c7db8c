import type { Evaluation } from "./evaluate.ts";
import { TAGS } from "./labelled-set.ts";
import { accuracy, f1, type Judged, labelsOf, macroF1 } from "./metrics.ts";

/** The figures as Markdown: quality against the baselines, by language and tag, by label, and confusion. */
export const renderFigures = (evaluations: readonly Evaluation[]): string =>
  evaluations.map(renderTask).join("\n\n");

function renderTask(evaluation: Evaluation): string {
  const { task, sentences, analyzer, baselines } = evaluation;
  const part = (keep: (position: number) => boolean): Judged[] => analyzer.filter((_, i) => keep(i));
  const languages = [...new Set(sentences.map(({ language }) => language))];
  const parts = [
    ...(task === "language"
      ? []
      : languages.map((language) => [language, part((i) => sentences[i]?.language === language)] as const)),
    ...Object.entries(TAGS).map(
      ([tag, name]) => [name, part((i) => sentences[i]?.tags.has(tag) ?? false)] as const,
    ),
    ["no tag", part((i) => sentences[i]?.tags.size === 0)] as const,
  ];
  return [
    `### ${task[0]?.toUpperCase()}${task.slice(1)}: ${sentences.length} sentences`,
    table(
      ["Who", "Accuracy", "Macro-F1"],
      [["**Hilo**", analyzer] as const, ...Object.entries(baselines)].map(([name, judged]) => [
        name,
        percent(accuracy(judged)),
        percent(macroF1(judged)),
      ]),
    ),
    table(
      ["Part", "Sentences", "Accuracy"],
      parts.map(([name, judged]) => [name, String(judged.length), percent(accuracy(judged))]),
    ),
    "Confusion: rows are what it is, columns what was said.",
    confusion(analyzer),
  ].join("\n\n");
}

function confusion(judged: readonly Judged[]): string {
  const rows = labelsOf(judged);
  const others = [...new Set(judged.map(({ predicted }) => predicted))].filter(
    (label) => !rows.includes(label),
  );
  const columns = [...rows, ...others.sort()];
  const count = (row: string, column: string): string =>
    String(judged.filter(({ actual, predicted }) => actual === row && predicted === column).length);
  return table(
    ["", ...columns, "F1"],
    rows.map((row) => [row, ...columns.map((column) => count(row, column)), percent(f1(judged, row))]),
  );
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, column) => (column === 0 ? "---" : "--:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
