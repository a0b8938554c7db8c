import type { HistoryEvent } from "@aws-sdk/client-sfn";
import { z } from "zod";
import type { DayReport } from "../../functions/core/use-cases/finish-day.ts";

const plan = z.object({ days: z.array(z.looseObject({ day: z.string(), parts: z.array(z.number()) })) });
const exported = z.object({
  day: z.string(),
  object: z.number(),
  attempts: z.number(),
  added: z.number(),
  updated: z.number(),
  kept: z.number(),
  fenced: z.number(),
  sideFile: z.object({ records: z.number(), bytes: z.number() }).exactOptional(),
});
const finished = z.looseObject({
  day: z.string(),
  state: z.enum(["clean", "dirty"]),
  reasons: z.array(z.string()),
});
const result = z.object({ Payload: z.unknown() });

/** One object's export, counts only. */
export type PartReport = z.output<typeof exported>;

/** What an execution has done so far, as its history tells. */
export interface ExecutionProgress {
  /** Days it exports; `undefined` before it knows. */
  readonly days?: readonly string[];
  /** How many objects these days have together. */
  readonly parts: number;
  readonly exported: readonly PartReport[];
  readonly finished: readonly DayReport[];
  /** Messages of the errors it met, each once, retried ones too. */
  readonly errors: readonly string[];
}

/** Reads the history of an execution of `conversation-export`. Functions' answers are told by their fields. */
export function progressOf(events: readonly HistoryEvent[]): ExecutionProgress {
  const answers = events.flatMap(({ taskSucceededEventDetails: details }) => {
    const answer = result.safeParse(parseJson(details?.output));
    return answer.success ? [answer.data.Payload] : [];
  });
  const planned = answers.flatMap((answer) => plan.safeParse(answer).data ?? [])[0];
  return {
    ...(planned && { days: planned.days.map(({ day }) => day) }),
    parts: planned?.days.reduce((sum, { parts }) => sum + parts.length, 0) ?? 0,
    exported: answers.flatMap((answer) => exported.safeParse(answer).data ?? []),
    finished: answers.flatMap((answer) => (finished.safeParse(answer).success ? [answer as DayReport] : [])),
    errors: [...new Set(events.flatMap(({ taskFailedEventDetails: details }) => describe(details) ?? []))],
  };
}

/** Error and message of a task that failed; messages of Hilo's functions carry no person's data. */
function describe(details: HistoryEvent["taskFailedEventDetails"]): string | undefined {
  if (details === undefined) return undefined;
  const cause = z.object({ errorMessage: z.string() }).safeParse(parseJson(details.cause));
  return `${details.error ?? "error"}: ${cause.success ? cause.data.errorMessage : (details.cause ?? "")}`;
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
}
