/** Object keys of what is written for a reporting day. */
export const dailyMetricsKey = (date: string): string => `analytics/daily_metrics/${date}.json`;
export const dailyBreakdownKey = (date: string): string => `analytics/daily_breakdown/${date}.json`;
export const dataQualityKey = (date: string): string => `analytics/data_quality/${date}.json`;
