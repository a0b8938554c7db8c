import type { Redact } from "../../core/domain/redact.ts";
import type { TextRedactor } from "../../core/ports/text-redactor.ts";
import { findBankNumbers } from "./bank-numbers.ts";
import { findEmailAddresses } from "./email-addresses.ts";
import { findIdentityNumbers } from "./identity-numbers.ts";
import { countryOf, phoneNumberFinder } from "./phone-numbers.ts";
import { type Finder, plainText, replaceSpans } from "./spans.ts";

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

/** The finders' order is the labels' precedence where spans overlap. */
const redactWith =
  (finders: readonly Finder[]): Redact =>
  (text) => {
    if (!/[\d\uFF10-\uFF19@]|arroba|\bat\b/i.test(text)) return text;
    const plain = plainText(text);
    return replaceSpans(
      text,
      finders.flatMap((find) => [...find(plain)]),
    );
  };
