import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A state, as far as tests read it. */
export interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly MaxConcurrency?: number;
  readonly Next?: string;
  readonly Default?: string;
  readonly TimeoutSeconds?: number;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Parameters?: {
    readonly Payload?: Readonly<Record<string, unknown>>;
    readonly [field: string]: unknown;
  };
  readonly Branches?: readonly Machine[];
  readonly ItemProcessor?: Machine;
  readonly [field: string]: unknown;
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: string;
}

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** A Standard machine: its file as it is deployed, what it says, and the functions that its tasks call. */
export function readMachine(name: "conversation-export" | "erasure-plan" | "user-erasure") {
  const file = join(import.meta.dirname, "..", "..", "state-machines", `${name}.asl.json`);
  const text = readFileSync(file, "utf8");
  const machine = z
    .looseObject({
      StartAt: z.string(),
      TimeoutSeconds: z.number(),
      States: z.record(z.string(), z.looseObject({ Type: z.string() })),
    })
    .parse(JSON.parse(text)) as unknown as Machine & { readonly TimeoutSeconds: number };
  const functions = [...new Set([...text.matchAll(/\$\{(\w+)Arn\}/g)].map(([, called]) => String(called)))];
  /** The same workflow with waits of milliseconds. */
  const impatient = JSON.stringify(machine, (key, value: unknown) =>
    key === "IntervalSeconds" ? 0.02 : key === "BackoffRate" ? 1 : key === "Seconds" ? 0 : value,
  );
  return { text, machine, functions, impatient };
}

/** Every state with its name, those inside of Maps and Parallels too. */
export function everyState({ States }: Machine): [name: string, state: State][] {
  return Object.entries(States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(everyState),
  ]);
}

/** Every machine in a machine, itself first. */
export function everyLevel(machine: Machine): Machine[] {
  const inner = Object.values(machine.States).flatMap(({ Branches = [], ItemProcessor }) => [
    ...Branches,
    ...(ItemProcessor ? [ItemProcessor] : []),
  ]);
  return [machine, ...inner.flatMap(everyLevel)];
}
