import cuit from "stdnum/lib/cjs/ar/cuit.js";
import cpf from "stdnum/lib/cjs/br/cpf.js";
import rut from "stdnum/lib/cjs/cl/rut.js";
import cedulaDo from "stdnum/lib/cjs/do/cedula.js";
import ciEc from "stdnum/lib/cjs/ec/ci.js";
import dni from "stdnum/lib/cjs/es/dni.js";
import nie from "stdnum/lib/cjs/es/nie.js";
import cui from "stdnum/lib/cjs/gt/cui.js";
import curp from "stdnum/lib/cjs/mx/curp.js";
import rfc from "stdnum/lib/cjs/mx/rfc.js";
import cuiPe from "stdnum/lib/cjs/pe/cui.js";
import cc from "stdnum/lib/cjs/pt/cc.js";
import ssn from "stdnum/lib/cjs/us/ssn.js";
import cedulaUy from "stdnum/lib/cjs/uy/cedula.js";
import { type Finder, matches, type Span } from "./spans.ts";

interface Validator {
  readonly validate: (value: string) => { readonly isValid: boolean };
}

/** What a number looks like as it is written, and whose rules and checksum it must pass. */
type Form = readonly [pattern: string, validator: Validator];

/**
 * Forms that are enough by themselves: letters, punctuation or two check digits make a chance hit rare. Numbers of bare
 * digits with one check digit, which every tenth order number has too, need a word for them (`NAMED`).
 */
const FORMS: readonly Form[] = [
  [String.raw`\d{1,2}\.?\d{3}\.?\d{3}-?[A-Z]`, dni],
  [String.raw`[XYZ]-?\d{7}-?[A-Z]`, nie],
  [String.raw`[A-Z]{4}\d{6}[A-Z]{6}[A-Z\d]\d`, curp],
  [String.raw`[A-ZÑ&]{4}-?\d{6}-?[A-Z\d]{3}`, rfc],
  [String.raw`\d{1,2}\.?\d{3}\.?\d{3}-[\dK]`, rut],
  [String.raw`\d{3}\.?\d{3}\.?\d{3}-?\d{2}`, cpf],
  [String.raw`(?:2[0347]|3[034])-?\d{8}-?\d`, cuit],
  [String.raw`\d{3}-\d{7}-\d`, cedulaDo],
  [String.raw`\d{9}-\d`, ciEc],
  [String.raw`\d\.\d{3}\.\d{3}-\d`, cedulaUy],
  [String.raw`\d{8}-[\dA-K]`, cuiPe],
  [String.raw`\d{4} \d{5} \d{4}`, cui],
  [String.raw`\d{8} ?\d ?[A-Z\d]{2}\d`, cc],
  [String.raw`\d{3}-\d{2}-\d{4}`, ssn],
];

const PATTERNS = FORMS.map(
  ([pattern, validator]) =>
    [new RegExp(String.raw`(?<![\p{L}\p{N}.-])${pattern}(?![\p{L}\p{N}]|[.-]\d)`, "giu"), validator] as const,
);

/** Venezuela writes its numbers, which have no check digit, with a letter and a dash. */
const VENEZUELAN = /(?<![\p{L}\p{N}])[VE]-\d{1,2}\.?\d{3}\.?\d{3}(?!\p{N})/gu;

/** Words for identity numbers, then at most a few connecting ones, then any number of 5 to 14 digits. */
const NAMED = new RegExp(
  [
    String.raw`(?<![\p{L}\p{N}])`,
    String.raw`(?:d\.?n\.?i|n\.?i\.?e|nif|rut|run|cpf|cui[tl]?|curp|rfc|ruc|nit|ssn|dui|c\.?c|c\.?i|c[eé]dulas?`,
    "|pasaporte|passport|documento de identidad|carn[eé](?:t)? de identidad|identificaci[oó]n|social security)",
    String.raw`(?!\p{L})[^\p{L}\p{N}]{0,4}`,
    String.raw`(?:(?:es|el|la|de|del|mi|su|tu|n|no|nro|num|n[uú]mero|number|is|ciudadan[ií]a|identidad|extranjer[ií]a)[^\p{L}\p{N}]{1,4}){0,4}`,
    String.raw`(?<it>[A-Z]{0,3}[-. ]?\d(?:[-. ]?\d){4,13}(?:-?[A-Z\d](?!\p{L}))?)(?!\p{N})`,
  ].join(""),
  "dgiu",
);

/** Identity and personal tax numbers of Spain, Portugal and the Americas. */
export const findIdentityNumbers: Finder = function* (text): Generator<Span> {
  for (const [pattern, { validate }] of PATTERNS)
    yield* matches(text, pattern, "[ID]", (it) => validate(it.replace(/[ .-]/g, "").toUpperCase()).isValid);
  yield* matches(text, VENEZUELAN, "[ID]");
  yield* matches(text, NAMED, "[ID]");
};
