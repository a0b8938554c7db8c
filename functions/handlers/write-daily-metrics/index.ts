import { createWriteDailyMetricsDeps } from "./deps.ts";
import { writeDailyMetricsEnv } from "./env.ts";
import { createWriteDailyMetricsHandler } from "./handler.ts";

export const handler = createWriteDailyMetricsHandler(
  await createWriteDailyMetricsDeps(writeDailyMetricsEnv()),
);
