import { createPerformAnalyticsDeps } from "./deps.ts";
import { performAnalyticsEnv } from "./env.ts";
import { createPerformAnalyticsHandler } from "./handler.ts";

export const handler = createPerformAnalyticsHandler(createPerformAnalyticsDeps(performAnalyticsEnv()));
