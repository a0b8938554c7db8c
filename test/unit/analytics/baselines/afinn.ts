import { afinnPolarity } from "../../../../functions/adapters/local-analyzer/polarity.ts";
import { type AnalysedLanguage, tokensOf } from "../../../../functions/adapters/local-analyzer/text.ts";
import { NEGATIONS } from "../../../../functions/adapters/local-analyzer/words.ts";

/** The baseline of a published lexicon: AFINN in the sentence's own language, negations turn what follows. */
export function afinnSentiment(text: string, language: AnalysedLanguage): string {
  const tokens = tokensOf(text);
  const score = tokens.reduce((sum, token, position) => {
    if (NEGATIONS[language].has(token)) return sum;
    const turned = tokens.slice(Math.max(0, position - 3), position).some((t) => NEGATIONS[language].has(t));
    return sum + afinnPolarity(token, language) * (turned ? -1 : 1);
  }, 0);
  return score > 0 ? "positive" : score < 0 ? "negative" : "neutral";
}
