import { type Json, parseWithSource } from "../domain/json.ts";

/** Nesting that DynamoDB (32 levels) and every reader after it can hold, with room for the row around it. */
const MAX_DEPTH = 16;

/** Why a text is not a value that can be stored exactly. `path` is dotted; empty for the whole. */
export interface JsonFault {
  readonly path: string;
  readonly detail: string;
}

/**
 * Parses JSON whose every value survives storing: no integer beyond 2^53, no infinite number, no lone
 * surrogate, no `__proto__`, no nesting deeper than 16. JSON.parse alone would change such values silently.
 */
export function parseExactJson(text: string): { ok: true; value: Json } | { ok: false; fault: JsonFault } {
  const inexact: string[] = [];
  let value: Json;
  try {
    value = parseWithSource(text, (key, parsed, context) => {
      if (typeof parsed === "number" && !isExact(parsed, context.source)) inexact.push(key);
      return parsed;
    }) as Json;
  } catch {
    return {
      ok: false,
      fault: { path: "", detail: "is not JSON: send one JSON object a message, in UTF-8" },
    };
  }
  const [number] = inexact;
  if (number !== undefined) {
    return {
      ok: false,
      fault: { path: number, detail: "is a number beyond what a double holds exactly: send it as a string" },
    };
  }
  const fault = findFault(value, [], 0);
  return fault ? { ok: false, fault } : { ok: true, value };
}

const isExact = (value: number, source: string | undefined): boolean =>
  Number.isFinite(value) && (source === undefined || !/^-?\d+$/.test(source) || Number.isSafeInteger(value));

function findFault(value: Json, path: readonly string[], depth: number): JsonFault | undefined {
  if (typeof value === "string" && !value.isWellFormed()) {
    return {
      path: path.join("."),
      detail: "has a lone surrogate, which is not Unicode: send whole characters",
    };
  }
  if (value === null || typeof value !== "object") return undefined;
  if (depth >= MAX_DEPTH) {
    return { path: path[0] ?? "", detail: `is nested deeper than ${MAX_DEPTH} levels: send it as a string` };
  }
  for (const [key, child] of Object.entries(value)) {
    if (key === "__proto__") {
      return {
        path: [...path, key].join("."),
        detail: "is no name for a field: many programs drop it silently",
      };
    }
    if (!key.isWellFormed()) return { path: path.join("."), detail: "has a key with a lone surrogate" };
    const fault = findFault(child, [...path, key], depth + 1);
    if (fault) return fault;
  }
  return undefined;
}
