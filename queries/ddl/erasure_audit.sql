-- Ids that a running audit of erasures looks for, one row each. Its files live as long as their audit; they are here so that no id gets into the history of queries.
-- For a catalog that CDK does not look after: put the bucket's name for BUCKET.
CREATE EXTERNAL TABLE IF NOT EXISTS erasure_audit (
  `audit_id` string COMMENT 'Audit that the id belongs to.',
  `number` bigint COMMENT 'What the result says instead of the id.',
  `user_id` string COMMENT 'The id, or the keyed hash that stands for it in training logs. Personal data.'
)
COMMENT 'Ids that a running audit of erasures looks for, one row each. Its files live as long as their audit; they are here so that no id gets into the history of queries.'
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://BUCKET/staging/erasure-audit/';
