import { type CountryCode, findPhoneNumbersInText, parsePhoneNumberFromString } from "libphonenumber-js/max";
import { type Finder, matches, type Span } from "./spans.ts";

/** Countries whose numbers are known without their code, where the person's own country says nothing. */
const COUNTRIES: readonly CountryCode[] = ["ES", "MX", "AR", "CO", "CL", "PE"];
/** Shorter national numbers look like any number: they need a word for them. */
const PLAIN_DIGITS = 9;
const BEFORE = 32;

const PHONE_WORD =
  /(?:tel[eé]?f?o?n?o?s?|fono|cel(?:ular)?|m[oó]vil|whats?app?|wsp|wasap|ll[aá]m[ae](?:me|r|rme|nme|da)?|marcar?|contacto|phone|call|mobile|fijo)[^\p{L}\p{N}]*(?:\p{L}{1,8}[^\p{L}\p{N}]+){0,3}$/iu;
/** Whole words: a name such as David or Madrid ends in one. The id of a person is a number to hide. */
const OTHER_WORD =
  /(?<![\p{L}\p{N}])(?:pedidos?|[oó]rden(?:es)?|order|compra|factura|invoice|boletas?|ticket|tique|caso|env[ií]o|gu[ií]a|seguimiento|tracking|rastreo|folio|referencia|ref|c[oó]digo|code|sku|serie|serial|lote|cup[oó]n|reserva|booking|turno|transacci[oó]n|operaci[oó]n|comprobante|reclamo|solicitud|contrato|modelo|art[ií]culo|producto|(?<!(?:user|usuario|wa|contact|contacto|chat|sender|recipient)[ _-])id|imei|ean|isbn)[^\p{L}\p{N}]*(?:(?:n|no|nro|num|n[uú]mero|number|de|del|es|el|la|su|mi|is)[^\p{L}\p{N}]+){0,4}#?$/iu;
const MONEY_BEFORE = /(?:[$€£¥]|(?<![\p{L}\p{N}])(?:S\/\.?|US\$|R\$|USD|EUR|CLP|COP|MXN|ARS|PEN))\s*$/iu;
const UNIT_AFTER =
  /^\s*(?:[$€£%]|pesos|euros?|d[oó]lares|soles|reais|usd|eur|clp|cop|mxn|ars|pen|kg|km|gr?|ml|unidades|puntos|millas)(?!\p{L})/iu;
/** A plus sign and 8 to 15 digits, whether a numbering plan knows them or not. */
const INTERNATIONAL = /\+ ?\d(?:[ ().-]{0,2}\d){7,14}(?!\d)/g;
/** `1.250.000`: thousands, unless a word for phones stands before. */
const THOUSANDS = /^\d{1,3}(?:[.,]\d{3})+$/;

/**
 * Phone numbers of people of one country: with their country's code as the world's numbering plans say, without it as
 * that country and the largest Spanish-speaking ones write them. Numbers of orders, prices and quantities are told by
 * the words around.
 */
export function phoneNumberFinder(home: CountryCode | undefined): Finder {
  const countries = [...new Set([...(home === undefined ? [] : [home]), ...COUNTRIES])];
  return function* (text): Generator<Span> {
    if (!/\d(?:[^\p{L}\p{N}]{0,3}\d){6}/u.test(text)) return;
    yield* matches(text, INTERNATIONAL, "[PHONE]");
    for (const country of countries) {
      for (const { startsAt: start, endsAt: end } of findPhoneNumbersInText(text, country)) {
        if (isPhone(text, start, end, country === home)) yield { start, end, label: "[PHONE]" };
      }
    }
  };
}

/** Country of a person's own number, where their id holds one. */
export function countryOf(userId: string): CountryCode | undefined {
  const number = /^whatsapp:\+?(\d{7,15})$/.exec(userId)?.[1];
  return number === undefined ? undefined : parsePhoneNumberFromString(`+${number}`)?.country;
}

function isPhone(text: string, start: number, end: number, isHome: boolean): boolean {
  const before = text.slice(Math.max(0, start - BEFORE), start);
  const it = text.slice(start, end);
  if (it.startsWith("+") || before.endsWith("+")) return true;
  if (PHONE_WORD.test(before)) return true;
  if (OTHER_WORD.test(before) || MONEY_BEFORE.test(before) || UNIT_AFTER.test(text.slice(end))) return false;
  const digits = it.replace(/\D/g, "").length;
  return !THOUSANDS.test(it) && digits >= (isHome ? PLAIN_DIGITS - 1 : PLAIN_DIGITS);
}
