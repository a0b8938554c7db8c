import type { SQSBatchItemFailure, SQSEvent } from "aws-lambda";
import type { z } from "zod";
import { parse } from "../core/contracts/pipeline-parsers.ts";
import type { Log } from "./logger.ts";

/** A batch of a repair queue: what could be read, each with the record it came in, and what could not. */
export interface RepairBatch<R> {
  readonly repairs: readonly R[];
  readonly recordIds: readonly string[];
  readonly unreadable: readonly SQSBatchItemFailure[];
}

/** Reads repairs one by one, so that one that makes no sense holds up no other. */
export function readRepairs<S extends z.ZodType>(
  event: SQSEvent,
  schema: S,
  log: Log,
): RepairBatch<z.output<S>> {
  const repairs: z.output<S>[] = [];
  const recordIds: string[] = [];
  const unreadable: SQSBatchItemFailure[] = [];
  for (const { messageId, body } of event.Records) {
    try {
      repairs.push(parse(schema, JSON.parse(body)));
      recordIds.push(messageId);
    } catch (error) {
      log.error("repair not understood", error, { record_id: messageId });
      unreadable.push({ itemIdentifier: messageId });
    }
  }
  return { repairs, recordIds, unreadable };
}
