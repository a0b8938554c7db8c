import type { MessageMetadata } from "../domain/message.ts";

/** Tells sentiment, intent and language of a text. */
export interface MessageAnalyzer {
  /** One analysis a text, in order; a field it cannot tell is left out. */
  analyze(texts: readonly string[]): Promise<MessageMetadata[]>;
}
