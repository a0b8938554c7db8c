import type { MessageMetadata } from "../domain/message.ts";

/** What can be asked about a text. `sentiment` brings its score along. */
export type AnalysisAspect = "sentiment" | "intent" | "language";

/** One text and what is asked about it: what is not asked is not paid for. */
export interface AnalysisRequest {
  readonly text: string;
  readonly aspects: ReadonlySet<AnalysisAspect>;
  /** BCP 47, where it is known already; it is then not guessed again. */
  readonly language?: string;
}

/** What was found of what was asked, or why this text could not be analysed (never quoting it). */
export type Analysis = { readonly metadata: MessageMetadata } | { readonly failure: string };

/** Tells sentiment, intent and language of texts. */
export interface MessageAnalyzer {
  /**
   * One analysis a request, in order. What cannot be told is left out; the sentiment comes with a score of
   * two decimals, -1 (negative) to 1 (positive).
   * @throws TransientError | PermanentError when nothing can be analysed now
   */
  analyze(requests: readonly AnalysisRequest[]): Promise<Analysis[]>;
}
