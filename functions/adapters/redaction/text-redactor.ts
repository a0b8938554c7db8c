import type { Redact } from "../../core/domain/redact.ts";
import type { TextRedactor } from "../../core/ports/text-redactor.ts";
import { findBankNumbers } from "./bank-numbers.ts";
import { findEmailAddresses } from "./email-addresses.ts";
import { findIdentityNumbers } from "./identity-numbers.ts";
import { countryOf, phoneNumberFinder } from "./phone-numbers.ts";
import { type Finder, matches, plainText, replaceSpans, type Span } from "./spans.ts";

/** Redacts by patterns and the checksums of libphonenumber and stdnum. Names and addresses of people stay. */
export function createTextRedactor(): TextRedactor {
  const byCountry = new Map<string, readonly Finder[]>();
  const findersOf = (userId: string): readonly Finder[] => {
    const country = countryOf(userId);
    const known = byCountry.get(country ?? "");
    if (known !== undefined) return known;
    const finders = [findEmailAddresses, findBankNumbers, findIdentityNumbers, phoneNumberFinder(country)];
    byCountry.set(country ?? "", finders);
    return finders;
  };
  return { for: (userId) => redactWith([...ownId(userId), ...findersOf(userId)]) };
}

/** Shorter ids, and those without a digit, may be words or numbers of something else. */
const OWN_ID = /^[^:]+:\+?((?=.*\d).{6,})$/su;

/** The person's own native id, which tools are called with: no checksum and no numbering plan knows all of them. */
function ownId(userId: string): readonly Finder[] {
  const id = OWN_ID.exec(userId)?.[1];
  if (id === undefined) return [];
  const literal = id.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const pattern = new RegExp(String.raw`(?<![\p{L}\p{N}])\+?${literal}(?![\p{L}\p{N}])`, "gu");
  const label = userId.startsWith("whatsapp:") ? "[PHONE]" : "[ID]";
  return [(text) => matches(text, pattern, label)];
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
