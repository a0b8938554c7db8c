import { readFileSync } from "node:fs";
import { join } from "node:path";

export const TAGS = { i: "irony", n: "negation", r: "regional", t: "typos", e: "emoji" } as const;

/** One sentence of the test set with what a person says about it. */
export interface Labelled {
  readonly text: string;
  readonly sentiment: string;
  /** `none` where it is no intent of the default configuration. */
  readonly intent: string;
  readonly language: string;
  readonly country: string;
  readonly tags: ReadonlySet<string>;
}

/** Sentences in other languages are labelled with their language only. */
export const hasSentiment = ({ sentiment }: Labelled): boolean => sentiment !== "-";

export const TEST_SET: readonly Labelled[] = readFileSync(join(import.meta.dirname, "test-set.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [sentiment = "", intent = "", language = "", country = "", tags = "", text = ""] = line.split("|");
    return {
      text,
      sentiment,
      intent: intent === "-" ? "none" : intent,
      language,
      country,
      tags: new Set(tags),
    };
  });
