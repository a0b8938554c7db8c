import type { RoutedMessage } from "../domain/message.ts";
import type { AnalyticsOutcome, CacheOutcome, IndexOutcome, RowOutcome } from "../domain/outcome.ts";

/** Input of the state machine `message-pipeline`. Under 200 KB as JSON. */
export interface PipelineInput {
  readonly messages: readonly RoutedMessage[];
  readonly shouldAnalyze: boolean;
}

/** Input of `StoreInCache` and `StoreToDynamoDB`. */
export interface StoreInput {
  readonly messages: readonly RoutedMessage[];
}

/** Input of `IndexToOpenSearch` and `PerformAnalytics`: the batch and what `StoreToDynamoDB` said of it. */
export interface StoredInput extends StoreInput {
  readonly stored: readonly RowOutcome[];
}

/** Output of a state. */
export interface StateOutput<O> {
  readonly outcomes: readonly O[];
}

/** What stands where a state failed for good and the workflow went on. */
interface CaughtError {
  readonly Error: string;
  readonly Cause?: string;
}

/** Output of the state machine. `analytics` is absent where it was not asked for. */
export interface PipelineOutcomes {
  readonly cache: StateOutput<CacheOutcome> | CaughtError;
  readonly rows: StateOutput<RowOutcome>;
  readonly index: StateOutput<IndexOutcome> | CaughtError;
  readonly analytics?: StateOutput<AnalyticsOutcome> | CaughtError;
}

/** The outcomes of a state, or `undefined` where it failed for good. */
export const outcomesOf = <O>(state: StateOutput<O> | CaughtError): readonly O[] | undefined =>
  "outcomes" in state ? state.outcomes : undefined;
