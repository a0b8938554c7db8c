import type { Redact } from "../../core/domain/redact.ts";
import type { TextRedactor } from "../../core/ports/text-redactor.ts";
import { findBankNumbers } from "./bank-numbers.ts";
import { findEmailAddresses } from "./email-addresses.ts";
import { findIdentityNumbers } from "./identity-numbers.ts";
import { countryOf, phoneNumberFinder } from "./phone-numbers.ts";
import { type Finder, plainText, replaceSpans, type Span } from "./spans.ts";

/** Redacts by patterns and the checksums of libphonenumber and stdnum. Names and addresses of people stay. */
export function createTextRedactor(): TextRedactor {
  const byCountry = new Map<string, Redact>();
  return {
    for(userId) {
      const country = countryOf(userId);
      const known = byCountry.get(country ?? "");
      if (known !== undefined) return known;
      const redact = redactWith([
        findEmailAddresses,
        findBankNumbers,
        findIdentityNumbers,
        phoneNumberFinder(country),
      ]);
      byCountry.set(country ?? "", redact);
      return redact;
    },
  };
}

/** Each finder sees what those before it left: their finds are blanked, so that no number is read across one. */
const redactWith =
  (finders: readonly Finder[]): Redact =>
  (text) => {
    if (!/[\d\uFF10-\uFF19@]|arroba|\bat\b/i.test(text)) return text;
    let rest = plainText(text);
    const spans: Span[] = [];
    for (const find of finders) {
      for (const span of [...find(rest)]) {
        spans.push(span);
        rest = rest.slice(0, span.start) + "|".repeat(span.end - span.start) + rest.slice(span.end);
      }
    }
    return replaceSpans(text, spans);
  };
