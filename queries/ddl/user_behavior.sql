-- What each person did on a UTC day, one row each.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS user_behavior (
  `user_id` string COMMENT 'The person: `<channel>:<native id>`. Rows are sorted by its UTF-8 bytes. Personal data.',
  `date` date COMMENT 'UTC day.',
  `messages` bigint COMMENT 'Messages of all roles. Unit: messages.',
  `user_messages` bigint COMMENT 'Messages that the person wrote. Unit: messages.',
  `assistant_messages` bigint COMMENT 'Messages that the bot wrote. Unit: messages.',
  `system_messages` bigint COMMENT 'Messages of the role system. Unit: messages.',
  `sessions` bigint COMMENT 'Distinct sessions with at least one message that day. Unit: sessions.',
  `active_hours` bigint COMMENT 'UTC hours of the day in which the person wrote. Unit: hours.',
  `messages_by_hour` string COMMENT 'The person\'s messages in each UTC hour: an array of 24 counts. Personal data.',
  `intents` string COMMENT 'The person\'s messages by intent: an object of counts, by name; without those that have none. Personal data.',
  `sentiment_messages` bigint COMMENT 'The person\'s messages that have a sentiment score: what `mean_sentiment` is the mean of. Unit: messages.',
  `mean_sentiment` double COMMENT 'Mean sentiment score of the person\'s messages. Unit: -1 to 1. Personal data.',
  `escalations` bigint COMMENT 'Messages that handed the person over to a human. Unit: messages.',
  `answered` bigint COMMENT 'The person\'s messages that an answer followed in the same session on the same day. Unit: messages.',
  `response_ms_mean` double COMMENT 'Mean time from such a message to the next answer. Unit: ms.',
  `response_ms_p50` bigint COMMENT 'Median of these times, nearest rank. Unit: ms.',
  `response_ms_p95` bigint COMMENT '95th percentile of these times, nearest rank. Unit: ms.',
  `generation` bigint COMMENT 'The person\'s generation: grows by one with each erasure.'
)
COMMENT 'What each person did on a UTC day, one row each.'
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://BUCKET/analytics/user_behavior/daily/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.year.type' = 'integer',
  'projection.year.range' = '2020,2035',
  'projection.month.type' = 'integer',
  'projection.month.range' = '1,12',
  'projection.month.digits' = '2',
  'projection.day.type' = 'integer',
  'projection.day.range' = '1,31',
  'projection.day.digits' = '2',
  'storage.location.template' = 's3://BUCKET/analytics/user_behavior/daily/year=${year}/month=${month}/day=${day}/'
);
