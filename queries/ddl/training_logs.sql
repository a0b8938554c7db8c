-- Interactions of a UTC day for retraining models, one row each, without the nested `question` and `answers`. Absent where the stage writes no training logs.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS training_logs (
  `interaction_id` string COMMENT 'The first message\'s id, or its keyed hash.',
  `user_id` string COMMENT 'The person\'s keyed hash, or the id itself where the stage does not pseudonymise. Personal data.',
  `generation` bigint COMMENT 'The person\'s generation: grows by one with each erasure.',
  `session_id` string COMMENT 'Session of the question, or its keyed hash.',
  `conversation_id` string COMMENT 'Conversation of the question, or its keyed hash.',
  `channel` string COMMENT 'Channel it came by, such as `whatsapp`.',
  `bot_id` string COMMENT 'Bot that was spoken to.',
  `asked_at` string COMMENT 'When the question was written: ISO 8601, ms. Unit: UTC.',
  `answered_at` string COMMENT 'When the last answer was written: ISO 8601, ms. Unit: UTC.'
)
COMMENT 'Interactions of a UTC day for retraining models, one row each, without the nested `question` and `answers`. Absent where the stage writes no training logs.'
PARTITIONED BY (`year` int, `month` int, `day` int)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/logs/'
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
  'storage.location.template' = 's3://BUCKET/logs/year=${year}/month=${month}/day=${day}/'
);
