-- daily-breakdown
-- Metrics of one reporting day by one dimension at a time, in long format.
-- A value without messages has no row.
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
--   date       date     -                    reporting day
--   dimension  varchar  -                    channel, hour, intent, language, role or sentiment
--   value      varchar  -                    value of the dimension; hours are 00 to 23
--   metric     varchar  -                    total_messages, unique_users or escalations
--   number     double   messages or persons  the metric's value
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
      quarters.hour,
      messages.user_id,
      messages.role,
      messages.channel,
      messages.intent,
      messages.language,
      messages.sentiment,
      messages.escalation_triggered
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE ((messages.year = ? AND messages.month = ? AND messages.day = ?)
        OR (messages.year = ? AND messages.month = ? AND messages.day = ?))
  )
SELECT grouped.date, grouped.dimension, grouped.value, metric, number
FROM (
  SELECT
    counted.date,
    dimension,
    value,
    CAST(count(*) AS double) AS total_messages,
    CAST(count(DISTINCT counted.user_id) FILTER (WHERE counted.role = 'user') AS double) AS unique_users,
    CAST(count_if(counted.escalation_triggered) AS double) AS escalations
  FROM counted
  CROSS JOIN UNNEST(
    ARRAY['channel', 'hour', 'intent', 'language', 'role', 'sentiment'],
    ARRAY[
      counted.channel,
      lpad(CAST(counted.hour AS varchar), 2, '0'),
      -- Intent and sentiment are a person's.
      CASE WHEN counted.role = 'user' THEN counted.intent END,
      counted.language,
      counted.role,
      CASE WHEN counted.role = 'user' THEN counted.sentiment END
    ]
  ) AS told_apart (dimension, value)
  WHERE value IS NOT NULL
  GROUP BY counted.date, dimension, value
) AS grouped
CROSS JOIN UNNEST(
  ARRAY['total_messages', 'unique_users', 'escalations'],
  ARRAY[grouped.total_messages, grouped.unique_users, grouped.escalations]
) AS metrics (metric, number)
ORDER BY grouped.date, grouped.dimension, grouped.value, metric
