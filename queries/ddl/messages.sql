-- Every message of a UTC day, one row each.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS messages (
  `user_id` string COMMENT 'The person: `<channel>:<native id>`. Rows are sorted by its UTF-8 bytes, then by time and message. Personal data.',
  `timestamp` timestamp COMMENT 'When it was written. Unit: UTC, ms.',
  `message_id` string COMMENT 'Hilo\'s own id of the message, or the client\'s.',
  `session_id` string COMMENT 'Session it was written in.',
  `conversation_id` string COMMENT 'Conversation it belongs to; equals `session_id` where the channel has none.',
  `channel` string COMMENT 'Channel it came by, such as `whatsapp`.',
  `bot_id` string COMMENT 'Bot that was spoken to.',
  `utc_day` date COMMENT 'UTC day of `timestamp`: the partition.',
  `message_type` string COMMENT 'text, image, document, audio, …',
  `role` string COMMENT 'user, assistant or system.',
  `content` string COMMENT 'The text as it now reads; empty where it was deleted on the platform. Personal data.',
  `platform_message_id` string COMMENT 'The platform\'s id; WhatsApp\'s contains a phone number. Personal data.',
  `reply_to` string COMMENT 'Id of the message that this one answers.',
  `first_received_at` timestamp COMMENT 'When Hilo first saw it. Unit: UTC, ms.',
  `position` bigint COMMENT 'Position in the payload that brought it, from 0.',
  `ai_model_used` string COMMENT 'Model that wrote an answer.',
  `confidence_score` double COMMENT 'How sure the model was. Unit: 0 to 1.',
  `processing_time_ms` bigint COMMENT 'Time the answer took. Unit: ms.',
  `tokens_used` bigint COMMENT 'Tokens the answer cost. Unit: tokens.',
  `escalation_triggered` boolean COMMENT 'Whether it handed the person over to a human.',
  `sentiment` string COMMENT 'positive, negative, neutral or mixed.',
  `sentiment_score` double COMMENT 'From negative to positive. Unit: -1 to 1.',
  `intent` string COMMENT 'What the person wants, one of the bot\'s intents.',
  `language` string COMMENT 'BCP 47, such as `es` or `es-MX`.',
  `metadata_other` string COMMENT 'Other metadata the producer sent, as a JSON object. Personal data.',
  `tool_calls` string COMMENT 'Calls of tools, as a JSON array of `{tool, args, result}`. Personal data.',
  `media` string COMMENT 'The attachment, as a JSON object. Personal data.',
  `extra` string COMMENT 'Fields Hilo does not know, as a JSON object. Personal data.',
  `edited_at` timestamp COMMENT 'When the present text was written, where it was edited. Unit: UTC, ms.',
  `deleted` boolean COMMENT 'Deleted on the platform: the row stays, without text.',
  `revision` bigint COMMENT 'Starts at 1 and grows with every edit, analysis and deletion; the higher wins.',
  `generation` bigint COMMENT 'The person\'s generation: grows by one with each erasure.'
)
COMMENT 'Every message of a UTC day, one row each.'
PARTITIONED BY (`year` int, `month` int, `day` int)
STORED AS PARQUET
LOCATION 's3://BUCKET/conversations/'
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
  'storage.location.template' = 's3://BUCKET/conversations/year=${year}/month=${month}/day=${day}/'
);
