-- sentiment-by-day
-- How persons felt, for each reporting day of a range, also for days without messages.
-- Parameters, in order:
--   from             date    first reporting day
--   to               date    last reporting day
--   timezone         string  IANA name of the reporting time zone
--   first_year       bigint  year of the first UTC partition to read
--   last_year        bigint  year of the last UTC partition to read
--   first_year       bigint  year of the first UTC partition to read, again
--   first_month      bigint  month of the first UTC partition to read
--   first_day        bigint  day of the first UTC partition to read
--   last_year        bigint  year of the last UTC partition to read
--   last_month       bigint  month of the last UTC partition to read
--   last_day         bigint  day of the last UTC partition to read
-- Columns:
--   date                 date    -         reporting day
--   positive             bigint  messages  of persons, positive
--   negative             bigint  messages  of persons, negative
--   neutral              bigint  messages  of persons, neutral
--   mixed                bigint  messages  of persons, mixed
--   unknown              bigint  messages  of persons, without a sentiment
--   avg_sentiment_score  double  -1 to 1   mean sentiment_score of the persons' messages that have one
WITH
  -- The reporting days asked for.
  days AS (
    SELECT date
    FROM UNNEST(sequence(DATE '2020-01-01', DATE '2035-12-31', INTERVAL '1' DAY)) AS calendar (date)
    WHERE date BETWEEN ? AND ?
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
      messages.sentiment,
      messages.sentiment_score
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)
      AND messages.role = 'user'
  )
SELECT
  days.date,
  count_if(counted.sentiment = 'positive') AS positive,
  count_if(counted.sentiment = 'negative') AS negative,
  count_if(counted.sentiment = 'neutral') AS neutral,
  count_if(counted.sentiment = 'mixed') AS mixed,
  count_if(counted.message_id IS NOT NULL AND counted.sentiment IS NULL) AS unknown,
  CAST(
    avg(
      CASE WHEN counted.sentiment_score BETWEEN -1 AND 1 THEN CAST(counted.sentiment_score AS decimal(18, 9)) END
    ) AS double
  ) AS avg_sentiment_score
FROM days
LEFT JOIN counted ON counted.date = days.date
GROUP BY days.date
ORDER BY days.date
