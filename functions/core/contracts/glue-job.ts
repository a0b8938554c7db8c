import { z } from "zod";
import { day } from "./conversation-export.ts";

const job = z.enum(["daily-conversation-analytics", "export-conversations"]);

/** Input of `run-glue-job`: starts a job for a day, or asks how a run stands. */
export const glueJobSchema = z.union([
  z.strictObject({ job, runId: z.string().min(1) }),
  z.strictObject({ job, arguments: z.strictObject({ "--date": day }) }),
]);
