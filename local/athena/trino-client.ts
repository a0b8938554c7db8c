import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

const failure = z.object({
  message: z.string().default(""),
  errorName: z.string().default("GENERIC_INTERNAL_ERROR"),
  errorType: z.string().default("INTERNAL_ERROR"),
  errorCode: z.number().default(0),
  errorLocation: z.object({ lineNumber: z.number(), columnNumber: z.number() }).optional(),
});

/** Why Trino refused or gave up a statement. */
export type TrinoError = z.infer<typeof failure>;

/** A column of a result, with Trino's type, such as `timestamp(3) with time zone`. */
export interface TrinoColumn {
  readonly name: string;
  readonly type: string;
}

/** A number as Trino wrote it, where JavaScript's own text for it would differ: `9007199254740993`, `1.0`, `1.0E10`. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

const answer = z.object({
  id: z.string(),
  nextUri: z.string().optional(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })).optional(),
  data: z.array(z.array(z.unknown())).optional(),
  updateType: z.string().optional(),
  updateCount: z.number().optional(),
  error: failure.optional(),
  stats: z.object({
    state: z.string(),
    physicalInputBytes: z.number().default(0),
    elapsedTimeMillis: z.number().default(0),
    queuedTimeMillis: z.number().default(0),
    planningTimeMillis: z.number().default(0),
    finishingTimeMillis: z.number().default(0),
  }),
});

/** What Trino last said about a statement. */
export type TrinoAnswer = z.infer<typeof answer>;

/** A statement and what it runs with. */
export interface Statement {
  /** Address of Trino. */
  readonly url: string;
  readonly sql: string;
  readonly database?: string | undefined;
  /** Ends the statement in Trino too. */
  readonly signal?: AbortSignal;
  /** Told each answer while the statement runs. */
  readonly onAnswer?: (answer: TrinoAnswer) => void;
}

/** Milliseconds after which a server that is too busy is asked again. */
const BUSY_DELAY = 50;

/**
 * Runs a statement to its end and returns Trino's last answer, with `error` where the statement failed.
 * @throws Error when Trino cannot be reached; the signal's reason when it is aborted
 */
export async function runStatement({
  url,
  sql,
  database,
  signal,
  onAnswer,
}: Statement): Promise<TrinoAnswer> {
  const headers = {
    "X-Trino-User": "athena",
    "X-Trino-Source": "hilo",
    "X-Trino-Catalog": "awsdatacatalog",
    "X-Trino-Time-Zone": "UTC",
    ...(database === undefined ? {} : { "X-Trino-Schema": database }),
  };
  let next: string | undefined;
  try {
    // Not to be aborted: only the answer says how to end what Trino has begun.
    let current = await ask(`${url}/v1/statement`, { method: "POST", headers, body: sql }, undefined);
    for (;;) {
      next = current.nextUri;
      onAnswer?.(current);
      if (next === undefined) return current;
      signal?.throwIfAborted();
      current = await ask(next, { headers }, signal);
    }
  } catch (error) {
    // Trino would run it to its end for nobody.
    if (next !== undefined) await fetch(next, { method: "DELETE", headers }).catch(() => undefined);
    throw error;
  }
}

async function ask(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<TrinoAnswer> {
  for (;;) {
    const response = await fetch(url, { ...request, ...(signal ? { signal } : {}) });
    const text = await response.text();
    if (response.ok) return answer.parse(parseExactly(text));
    if (![429, 502, 503, 504].includes(response.status))
      throw new Error(`Trino answered HTTP ${response.status}`);
    await sleep(BUSY_DELAY, undefined, signal ? { signal } : {});
  }
}

/** `JSON.parse` that keeps the digits of every number. */
export function parseExactly(text: string): unknown {
  // The third argument (JSON.parse source text access) is not in TypeScript's library yet.
  const reviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    const source = context?.source;
    return typeof value !== "number" || source === undefined || String(value) === source
      ? value
      : new ExactNumber(source);
  };
  return JSON.parse(text, reviver);
}
