-- daily-metrics
-- The metrics of one reporting day: one row, also for a day without messages.
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
--   date                 date    -         reporting day
--   total_messages       bigint  messages  of all roles
--   unique_users         bigint  persons   who wrote at least one message
--   distinct_sessions    bigint  sessions  with at least one message
--   avg_confidence       double  0 to 1    mean confidence_score
--   avg_processing_time  double  ms        mean processing_time_ms
--   p50_processing_time  bigint  ms        median processing_time_ms, nearest rank
--   p95_processing_time  bigint  ms        95th percentile of processing_time_ms, nearest rank
--   total_tokens         bigint  tokens    sum of tokens_used
--   escalations          bigint  messages  that handed over to a human
--   positive_sentiment   bigint  messages  of persons, of positive sentiment
--   negative_sentiment   bigint  messages  of persons, of negative sentiment
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
      messages.message_id,
      messages.user_id,
      messages.session_id,
      messages.role,
      messages.confidence_score,
      messages.processing_time_ms,
      messages.tokens_used,
      messages.escalation_triggered,
      messages.sentiment
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE ((messages.year = ? AND messages.month = ? AND messages.day = ?)
        OR (messages.year = ? AND messages.month = ? AND messages.day = ?))
  ),
  -- How many messages took at most so long, for each time that one took.
  times AS (
    SELECT
      date,
      processing_time_ms,
      sum(count(*)) OVER (PARTITION BY date ORDER BY processing_time_ms) AS at_most,
      sum(count(*)) OVER (PARTITION BY date) AS timed
    FROM counted
    WHERE processing_time_ms IS NOT NULL
    GROUP BY date, processing_time_ms
  ),
  percentiles AS (
    SELECT
      date,
      min(processing_time_ms) FILTER (WHERE 100 * at_most >= 50 * timed) AS p50_processing_time,
      min(processing_time_ms) FILTER (WHERE 100 * at_most >= 95 * timed) AS p95_processing_time
    FROM times
    GROUP BY date
  )
SELECT
  days.date,
  count(counted.message_id) AS total_messages,
  count(DISTINCT counted.user_id) FILTER (WHERE counted.role = 'user') AS unique_users,
  count(DISTINCT CAST(ROW(counted.user_id, counted.session_id) AS ROW(varchar, varchar)))
    FILTER (WHERE counted.message_id IS NOT NULL) AS distinct_sessions,
  -- As decimals, so that the order of the rows changes no digit.
  CAST(
    avg(
      CASE WHEN counted.confidence_score BETWEEN 0 AND 1 THEN CAST(counted.confidence_score AS decimal(18, 9)) END
    ) AS double
  ) AS avg_confidence,
  CAST(sum(counted.processing_time_ms) AS double) / count(counted.processing_time_ms) AS avg_processing_time,
  percentiles.p50_processing_time,
  percentiles.p95_processing_time,
  coalesce(sum(counted.tokens_used), 0) AS total_tokens,
  count_if(counted.escalation_triggered) AS escalations,
  count_if(counted.role = 'user' AND counted.sentiment = 'positive') AS positive_sentiment,
  count_if(counted.role = 'user' AND counted.sentiment = 'negative') AS negative_sentiment
FROM days
LEFT JOIN counted ON counted.date = days.date
LEFT JOIN percentiles ON percentiles.date = days.date
GROUP BY days.date, percentiles.p50_processing_time, percentiles.p95_processing_time
ORDER BY days.date
