-- The metrics of a reporting day, one row a day, from all its messages. queries/README.md defines each.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS daily_metrics (
  `date` date COMMENT 'Day of the reporting time zone.',
  `total_messages` bigint COMMENT 'Messages of all roles. Unit: messages.',
  `unique_users` bigint COMMENT 'Persons who wrote at least one message. Not additive over days. Unit: persons.',
  `distinct_sessions` bigint COMMENT 'Sessions with at least one message. Not additive over days. Unit: sessions.',
  `avg_confidence` double COMMENT 'Mean `confidence_score` of the messages that have one. Unit: 0 to 1.',
  `avg_processing_time` double COMMENT 'Mean `processing_time_ms` of the messages that have one. Unit: ms.',
  `p50_processing_time` bigint COMMENT 'Median `processing_time_ms`, nearest rank. Unit: ms.',
  `p95_processing_time` bigint COMMENT '95th percentile of `processing_time_ms`, nearest rank. Unit: ms.',
  `total_tokens` bigint COMMENT 'Sum of `tokens_used`. Unit: tokens.',
  `escalations` bigint COMMENT 'Messages that handed the person over to a human. Unit: messages.',
  `positive_sentiment` bigint COMMENT 'Persons\' messages of positive sentiment. Unit: messages.',
  `negative_sentiment` bigint COMMENT 'Persons\' messages of negative sentiment. Unit: messages.'
)
COMMENT 'The metrics of a reporting day, one row a day, from all its messages. queries/README.md defines each.'
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/analytics/daily_metrics/';
