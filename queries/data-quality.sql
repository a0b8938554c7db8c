-- data-quality
-- How many messages of one reporting day have a fault, and among how many it was looked for: one row a check.
-- queries/README.md says what each check counts.
-- Parameters, in order:
--   date             date    reporting day
--   timezone         string  IANA name of the reporting time zone
--   first_year       bigint  year of the first UTC partition to read
--   first_month      bigint  month of the first UTC partition to read
--   first_day        bigint  day of the first UTC partition to read
--   last_year        bigint  year of the last UTC partition to read
--   last_month       bigint  month of the last UTC partition to read
--   last_day         bigint  day of the last UTC partition to read
-- Columns:
--   name   varchar  -         of the check
--   part   bigint   messages  with the fault
--   whole  bigint   messages  that could have it
WITH
  -- The reporting days asked for.
  days AS (
    SELECT date
    FROM UNNEST(sequence(DATE '2020-01-01', DATE '2035-12-31', INTERVAL '1' DAY)) AS calendar (date)
    WHERE date = ?
  ),
  hours AS (
    SELECT hour FROM UNNEST(sequence(0, 23)) AS dial (hour)
  ),
  -- Every quarter of an hour of those days, counted from 1970 in UTC, and the hour that clocks of the zone show then.
  -- Offsets from UTC lie between -12 and +14 hours and change at quarters.
  quarters AS (
    SELECT
      days.date,
      hours.hour,
      date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', CAST(days.date AS timestamp)) / 15 + step AS quarter
    FROM days
    CROSS JOIN UNNEST(sequence(-56, 148)) AS steps (step)
    CROSS JOIN hours
    WHERE hours.hour = date_diff(
      'hour',
      CAST(days.date AS timestamp),
      date_trunc(
        'hour',
        CAST(
          at_timezone(with_timezone(date_add('minute', 15 * step, CAST(days.date AS timestamp)), 'UTC'), ?) AS timestamp
        )
      )
    )
  ),
  counted AS (
    SELECT
      quarters.date,
      messages.role,
      messages.message_type,
      messages.content,
      messages.deleted,
      messages.ai_model_used,
      messages.confidence_score,
      messages.processing_time_ms,
      messages.tokens_used,
      messages.sentiment,
      messages.sentiment_score,
      messages.intent,
      messages.language,
      messages.timestamp,
      messages.first_received_at
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE ((messages.year = ? AND messages.month = ? AND messages.day = ?)
        OR (messages.year = ? AND messages.month = ? AND messages.day = ?))
  )
SELECT name, part, whole
FROM (
  SELECT
    ARRAY[
      ROW('unknown_intent', count_if(said_by_person AND intent IS NULL), count_if(said_by_person)),
      ROW('null_sentiment', count_if(said_by_person AND sentiment IS NULL), count_if(said_by_person)),
      ROW('null_language', count_if(said AND language IS NULL), count_if(said)),
      ROW('null_ai_model_used', count_if(answer AND ai_model_used IS NULL), count_if(answer)),
      ROW('null_confidence_score', count_if(answer AND confidence_score IS NULL), count_if(answer)),
      ROW('null_processing_time_ms', count_if(answer AND processing_time_ms IS NULL), count_if(answer)),
      ROW('null_tokens_used', count_if(answer AND tokens_used IS NULL), count_if(answer)),
      ROW(
        'empty_text',
        count_if(message_type = 'text' AND NOT deleted AND trim(content) = ''),
        count_if(message_type = 'text' AND NOT deleted)
      ),
      ROW(
        'confidence_out_of_range',
        count_if(confidence_score IS NOT NULL AND NOT confidence_score BETWEEN 0 AND 1),
        count_if(confidence_score IS NOT NULL)
      ),
      ROW(
        'sentiment_out_of_range',
        count_if(sentiment_score IS NOT NULL AND NOT sentiment_score BETWEEN -1 AND 1),
        count_if(sentiment_score IS NOT NULL)
      ),
      ROW('clock_ahead', count_if(timestamp > date_add('minute', 5, first_received_at)), count(*)),
      ROW('arrived_late', count_if(first_received_at > date_add('day', 1, timestamp)), count(*))
    ] AS checks
  FROM (
    SELECT
      *,
      NOT deleted AND content <> '' AS said,
      NOT deleted AND content <> '' AND role = 'user' AS said_by_person,
      role = 'assistant' AS answer
    FROM counted
  ) AS told_apart
) AS day_checks
CROSS JOIN UNNEST(checks) AS one_check (name, part, whole)
ORDER BY name
