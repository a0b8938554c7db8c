import cbu from "stdnum/lib/cjs/ar/cbu.js";
import clabe from "stdnum/lib/cjs/mx/clabe.js";
import { luhnChecksumValidate } from "stdnum/lib/cjs/util/checksum.js";
import { type Finder, matches, type Span } from "./spans.ts";

/** Length of an IBAN by country, from SWIFT's registry. */
const IBAN_LENGTHS = new Map(
  (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 " +
    "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 " +
    "LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NI28 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 " +
    "SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
  )
    .split(" ")
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);
const IBAN_START = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?=[ -]?[A-Z0-9])/giu;

/** International account numbers: of the country's length and with its checksum. */
function* findIbans(text: string): Generator<Span> {
  for (const { index: start, 0: head } of text.matchAll(IBAN_START)) {
    const length = IBAN_LENGTHS.get(head.slice(0, 2).toUpperCase());
    const end = length === undefined ? undefined : endOf(text, start, length);
    if (end !== undefined && isIban(compact(text.slice(start, end)))) {
      yield { start, end, label: "[ACCOUNT]" };
    }
  }
}

/** Where so many letters and digits, in groups apart by one space or dash, end. */
function endOf(text: string, start: number, length: number): number | undefined {
  const group = new RegExp(`[A-Z0-9](?:[ -]?[A-Z0-9]){${length - 1}}(?![A-Z0-9])`, "iy");
  group.lastIndex = start;
  return group.test(text) ? group.lastIndex : undefined;
}

function isIban(value: string): boolean {
  const digits = (value.slice(4) + value.slice(0, 4)).replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return BigInt(digits) % 97n === 1n;
}

/** Cards' first digits and lengths: Visa, Mastercard, Amex, Diners, Discover, Maestro. */
const CARD = /^(?:4\d{15}(?:\d{3})?|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3[068]\d{12}|6\d{15}(?:\d{3})?)$/;
const DIGIT_GROUPS = /(?<![\p{L}\p{N}])\d+(?:[ -]\d+){0,9}(?![\p{L}\p{N}])/gu;

/** Payment cards: groups of digits that together have a card's length, first digits and checksum. */
function* findCards(text: string): Generator<Span> {
  for (const { 0: run, index } of text.matchAll(DIGIT_GROUPS)) {
    const groups = [...run.matchAll(/\d+/g)].map(({ 0: digits, index: at }) => ({ digits, at }));
    for (let first = 0; first < groups.length; first++) {
      let number = "";
      let isFound = false;
      for (let last = first; last < groups.length && number.length < 19 && !isFound; last++) {
        const { digits, at } = groups[last] ?? { digits: "", at: 0 };
        number += digits;
        if (!CARD.test(number) || !luhnChecksumValidate(number)) continue;
        yield {
          start: index + (groups[first]?.at ?? 0),
          end: index + at + digits.length,
          label: "[CARD]",
        };
        isFound = true;
        first = last;
      }
    }
  }
}

const compact = (text: string): string => text.replace(/[ -]/g, "").toUpperCase();

/** Accounts and payment cards, each only with its checksum. */
export const findBankNumbers: Finder = function* (text) {
  yield* findIbans(text);
  yield* matches(text, /(?<![\p{L}\p{N}])\d{18}(?!\p{N})/gu, "[ACCOUNT]", (it) => clabe.validate(it).isValid);
  yield* matches(text, /(?<![\p{L}\p{N}])\d{22}(?!\p{N})/gu, "[ACCOUNT]", (it) => cbu.validate(it).isValid);
  yield* findCards(text);
};
