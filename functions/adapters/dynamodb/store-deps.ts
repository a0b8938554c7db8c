import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Clock } from "../../core/domain/clock.ts";
import type { DayMarks } from "../../core/ports/day-marks.ts";
import type { MessageTables } from "./tables.ts";

/** Tries of one transaction in all; then the messages go back to the queue. */
export const MAX_TRIES = 3;

export interface MessageStoreDeps {
  readonly client: DynamoDBDocumentClient;
  readonly tables: MessageTables;
  readonly marks: DayMarks;
  readonly clock: Clock;
  /** Jitter, 0 to 1. @default Math.random */
  readonly random?: () => number;
}

export type ResolvedDeps = Required<MessageStoreDeps>;
