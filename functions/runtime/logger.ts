import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { DayTooLargeError } from "../core/domain/day-too-large.ts";
import { StoresFailedError } from "../core/domain/erasure-errors.ts";
import { FencedError, InvalidMessageError, PermanentError, TransientError } from "../core/domain/errors.ts";
import { QueryCancelledError, QueryFailedError } from "../core/domain/query-errors.ts";
import type { Count, SetGauge } from "../core/ports/counters.ts";

/** Structured log. Fields are Hilo's own ids, counts, codes and names: never a user id, never a text. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, string | number | boolean>>): void;
  error(event: string, error: unknown, fields?: Readonly<Record<string, string | number | boolean>>): void;
}

export function createLog(): Log {
  const logger = new Logger();
  return {
    info: (event, fields = {}) => logger.info(event, fields),
    error: (event, error, fields = {}) => logger.error(event, { ...fields, ...describeError(error) }),
  };
}

const OWN_ERRORS = [
  TransientError,
  PermanentError,
  FencedError,
  InvalidMessageError,
  DayTooLargeError,
  QueryFailedError,
  QueryCancelledError,
  StoresFailedError,
] as const;

/** Whether an error is ours: its message names store, cause and remedy, never a person. */
export const isOwnError = (error: unknown): boolean => OWN_ERRORS.some((type) => error instanceof type);

/** Messages of our own errors are safe to log; a foreign one may quote data, so only its name is. */
function describeError(error: unknown): { error_name: string; error_detail?: string } {
  if (!(error instanceof Error)) return { error_name: typeof error };
  return isOwnError(error)
    ? { error_name: error.name, error_detail: error.message }
    : { error_name: error.name };
}

/** Counters and gauges as CloudWatch metrics, published through the log. */
export function createCounters(): { count: Count; setGauge: SetGauge; publish: () => void } {
  const metrics = new Metrics();
  return {
    count: (name, n) => {
      if (n > 0) metrics.addMetric(name, MetricUnit.Count, n);
    },
    setGauge: (name, value) => metrics.addMetric(name, MetricUnit.Count, value),
    publish: () => metrics.publishStoredMetrics(),
  };
}
