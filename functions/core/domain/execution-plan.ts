import { utf8Bytes } from "./json.ts";
import type { RoutedMessage } from "./message.ts";

/** Step Functions refuses over 256 KiB; the rest is room for the outcomes. */
export const MAX_EXECUTION_BYTES = 200_000;
/** One message's share: leaves room for its envelope, its outcomes and its row's index keys. */
export const MAX_MESSAGE_BYTES = 160_000;

/** A message with its index among the records of the batch. */
export interface Routed {
  readonly record: number;
  readonly message: RoutedMessage;
  /** From the third receive on a person's messages run alone, so that their poison harms nobody else. */
  readonly alone: boolean;
}

/** Executions that must run one after the other, because a person's messages span them. */
export type Lane = readonly (readonly Routed[])[];

/** Bytes of a message as the execution's input holds it. */
export const messageBytes = (message: RoutedMessage): number => utf8Bytes(JSON.stringify(message)) + 1;

/**
 * Splits a batch into executions of at most `MAX_EXECUTION_BYTES`, keeping each person's order: a person's
 * messages share one execution where they fit, else they follow each other in one lane. Lanes may run at once.
 */
export function planExecutions(batch: readonly Routed[]): Lane[] {
  const lanes: Lane[] = [];
  let shared: Routed[] = [];
  let sharedBytes = 0;
  for (const own of byUser(batch)) {
    const chunks = splitBySize(own);
    const [only] = chunks;
    if (chunks.length > 1 || only === undefined || own.some((routed) => routed.alone)) {
      lanes.push(chunks);
      continue;
    }
    const bytes = bytesOf(only);
    if (sharedBytes + bytes > MAX_EXECUTION_BYTES) {
      lanes.push([shared]);
      shared = [];
      sharedBytes = 0;
    }
    shared.push(...only);
    sharedBytes += bytes;
  }
  if (shared.length > 0) lanes.push([shared]);
  return lanes;
}

function byUser(batch: readonly Routed[]): Routed[][] {
  const groups = new Map<string, Routed[]>();
  for (const routed of batch) {
    const group = groups.get(routed.message.user_id);
    if (group) group.push(routed);
    else groups.set(routed.message.user_id, [routed]);
  }
  return [...groups.values()];
}

function splitBySize(batch: readonly Routed[]): Routed[][] {
  const chunks: Routed[][] = [];
  let room = 0;
  for (const routed of batch) {
    const bytes = messageBytes(routed.message);
    const current = chunks.at(-1);
    if (current && bytes <= room) {
      current.push(routed);
      room -= bytes;
    } else {
      chunks.push([routed]);
      room = MAX_EXECUTION_BYTES - bytes;
    }
  }
  return chunks;
}

const bytesOf = (batch: readonly Routed[]): number =>
  batch.reduce((sum, routed) => sum + messageBytes(routed.message), 0);
