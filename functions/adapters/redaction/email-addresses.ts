import { type Finder, matches } from "./spans.ts";

// Every quantifier is bounded: time grows with the text only.
const ADDRESS =
  /[\p{L}\p{N}][\p{L}\p{N}._%+'-]{0,63}@(?:[\p{L}\p{N}][\p{L}\p{N}-]{0,62}\.){1,5}\p{L}{2,24}/gu;
/** `ana.perez arroba correo punto cl`, `ana (at) correo.cl` */
const SPOKEN =
  /[\p{L}\p{N}][\p{L}\p{N}._+-]{0,63} {0,2}(?: arroba |[([] {0,1}(?:arroba|at|@) {0,1}[)\]]) {0,2}[\p{L}\p{N}-]{1,63}(?:(?: punto | dot |\.)[\p{L}]{2,24}){1,3}/giu;

/** E-mail addresses, as they are typed and as they are spelt out. */
export const findEmailAddresses: Finder = function* (text) {
  if (text.includes("@")) yield* matches(text, ADDRESS, "[EMAIL]");
  if (/arroba|\bat\b|@/i.test(text)) yield* matches(text, SPOKEN, "[EMAIL]");
};
