-- Metrics of a reporting day by one dimension, in long format: one row for each day, dimension, value and metric. queries/README.md defines each.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS daily_breakdown (
  `date` date COMMENT 'Day of the reporting time zone.',
  `dimension` string COMMENT 'What the messages are told apart by: channel, hour, intent, language, role or sentiment.',
  `value` string COMMENT 'Value of the dimension, such as `whatsapp`; hours are `00` to `23` of the reporting time zone.',
  `metric` string COMMENT 'Name of the metric: total_messages, unique_users or escalations.',
  `number` double COMMENT 'The metric\'s value, in its own unit.'
)
COMMENT 'Metrics of a reporting day by one dimension, in long format: one row for each day, dimension, value and metric. queries/README.md defines each.'
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/analytics/daily_breakdown/';
