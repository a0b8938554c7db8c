import type { MessageMetadata } from "../../core/domain/message.ts";
import type { AnalysisRequest, MessageAnalyzer } from "../../core/ports/message-analyzer.ts";
import type { IntentConfig } from "./intent-config.ts";
import { DEFAULT_INTENTS, trainIntents } from "./intents.ts";
import { LANGUAGE_TEXTS, trainLanguage } from "./language.ts";
import { SENTIMENT_EXAMPLES, trainSentiment } from "./sentiment.ts";
import { asAnalysed, isWord, tokensOf } from "./text.ts";

/**
 * Analyses in the process, without a call: classifiers that learn from labelled examples when it is created
 * (docs/ANALYTICS.md has their quality and the time that takes). Deterministic.
 * @param intents what to recognise; the default is customer service
 */
export function createLocalAnalyzer(intents: IntentConfig = DEFAULT_INTENTS): MessageAnalyzer {
  const languageOf = trainLanguage(LANGUAGE_TEXTS);
  const sentimentOf = trainSentiment(SENTIMENT_EXAMPLES);
  const intentOf = trainIntents(intents);

  const analyzeText = ({ text, aspects, language: given }: AnalysisRequest): MessageMetadata => {
    const tokens = tokensOf(text);
    const language = given ?? languageOf(text);
    // A text without words, such as an emoji, is of no language and still has a sentiment.
    const analysed = language === undefined && !tokens.some(isWord) ? "es" : asAnalysed(language);
    const intent = aspects.has("intent") && analysed !== undefined ? intentOf(text, analysed) : undefined;
    const hasSentiment = aspects.has("sentiment") && analysed !== undefined && tokens.some(saysSomething);
    return {
      ...(hasSentiment && sentimentOf(text, analysed)),
      ...(intent !== undefined && { intent }),
      ...(aspects.has("language") && language !== undefined && { language }),
    };
  };
  return { analyze: async (requests) => requests.map((request) => ({ metadata: analyzeText(request) })) };
}

/** Punctuation alone says nothing. */
const saysSomething = (token: string): boolean => /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(token);
