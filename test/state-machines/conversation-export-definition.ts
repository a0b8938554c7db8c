import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const FILE = join(import.meta.dirname, "..", "..", "state-machines", "conversation-export.asl.json");

/** The file of the state machine, as it is deployed. */
export const CONVERSATION_EXPORT_TEXT = readFileSync(FILE, "utf8");

export interface State {
  readonly Type: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly Resource?: string;
  readonly ItemProcessor?: Machine;
  readonly MaxConcurrency?: number;
  readonly [field: string]: unknown;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: string;
}

interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export const CONVERSATION_EXPORT = z
  .looseObject({
    StartAt: z.string(),
    TimeoutSeconds: z.number(),
    States: z.record(z.string(), z.looseObject({})),
  })
  .parse(JSON.parse(CONVERSATION_EXPORT_TEXT)) as unknown as Machine & { readonly TimeoutSeconds: number };

/** Every state with its name, those inside of Maps too. */
export function everyState({ States }: Machine): [name: string, state: State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...(state.ItemProcessor ? everyState(state.ItemProcessor) : []),
  ]);
}

/** The functions that its tasks call: `PlanExport` for `${PlanExportArn}`. */
export const EXPORT_FUNCTIONS = [
  ...new Set([...CONVERSATION_EXPORT_TEXT.matchAll(/\$\{(\w+)Arn\}/g)].map(([, name]) => String(name))),
];
