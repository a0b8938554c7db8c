/** Object keys of what is written for a reporting day. */
export const dailyMetricsKey = (date: string): string => `analytics/daily_metrics/${date}.json`;
export const dailyBreakdownKey = (date: string): string => `analytics/daily_breakdown/${date}.json`;
export const dataQualityKey = (date: string): string => `analytics/data_quality/${date}.json`;

/** Object key of the persons' patterns of the last 90 days. */
export const USER_PATTERNS_KEY = "analytics/user_behavior/aggregated_patterns.parquet";
