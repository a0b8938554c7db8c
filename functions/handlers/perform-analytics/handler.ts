import type { StateOutput } from "../../core/contracts/pipeline.ts";
import { parseStoredInput } from "../../core/contracts/pipeline-parsers.ts";
import type { AnalyticsOutcome } from "../../core/domain/outcome.ts";
import { type AnalyzeStoredDeps, analyzeStored } from "../../core/use-cases/analyze-stored.ts";

/** State `PerformAnalytics`. */
export const createPerformAnalyticsHandler =
  (deps: AnalyzeStoredDeps) =>
  (input: unknown): Promise<StateOutput<AnalyticsOutcome>> =>
    analyzeStored(parseStoredInput(input), deps);
