-- What each person did in the 90 UTC days up to `until`, one row each.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS user_patterns (
  `user_id` string COMMENT 'The person: `<channel>:<native id>`. Rows are sorted by its UTF-8 bytes. Personal data.',
  `until` date COMMENT 'Last UTC day that was counted; the same in all rows.',
  `first_day` date COMMENT 'First of these days with a message. Personal data.',
  `last_day` date COMMENT 'Last of these days with a message. Personal data.',
  `active_days` bigint COMMENT 'Days with a message that the person wrote. Unit: days.',
  `messages` bigint COMMENT 'Messages of all roles. Unit: messages.',
  `user_messages` bigint COMMENT 'Messages that the person wrote. Unit: messages.',
  `assistant_messages` bigint COMMENT 'Messages that the bot wrote. Unit: messages.',
  `sessions` bigint COMMENT 'Sum of the days\' sessions: one that goes past midnight counts on both days. Unit: sessions.',
  `messages_per_day` double COMMENT 'Messages that the person wrote on a day with any. Unit: messages.',
  `messages_by_hour` string COMMENT 'The person\'s messages in each UTC hour: an array of 24 counts. Personal data.',
  `busiest_hour` bigint COMMENT 'UTC hour in which the person wrote most, the earliest of equals. Unit: 0 to 23. Personal data.',
  `intents` string COMMENT 'The person\'s messages by intent: an object of counts, by name. Personal data.',
  `top_intent` string COMMENT 'The commonest intent, the first by name of equals. Personal data.',
  `mean_sentiment` double COMMENT 'Mean sentiment score of the person\'s messages. Unit: -1 to 1. Personal data.',
  `escalations` bigint COMMENT 'Messages that handed the person over to a human. Unit: messages.',
  `answered` bigint COMMENT 'The person\'s messages that an answer followed in the same session on the same day. Unit: messages.',
  `response_ms_mean` double COMMENT 'Mean time from such a message to the next answer. Unit: ms.',
  `generation` bigint COMMENT 'The person\'s generation: grows by one with each erasure.'
)
COMMENT 'What each person did in the 90 UTC days up to `until`, one row each.'
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://BUCKET/analytics/user_patterns/';
