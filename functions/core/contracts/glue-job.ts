import { z } from "zod";
import { isDay } from "../domain/day.ts";

const day = z.string().refine(isDay, "must be a day of the calendar (UTC), such as 2026-11-20");
const job = z.enum(["daily-conversation-analytics", "export-conversations"]);

/** Input of `run-glue-job`: starts a job for a day, or asks how a run stands. */
export const glueJobSchema = z.union([
  z.strictObject({ job, runId: z.string().min(1) }),
  z.strictObject({ job, arguments: z.strictObject({ "--date": day }) }),
]);

/** Input of `publish-staged`. */
export const publishStagedSchema = z.object({ day });
