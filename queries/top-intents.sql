-- top-intents
-- The intents that persons' messages had most, over a range of reporting days.
-- Equal numbers come in the order of their names.
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
--   limit            bigint  how many intents at most
-- Columns:
--   position  bigint   -         1 for the most frequent
--   intent    varchar  -         name of the intent
--   messages  bigint   messages  of persons, with this intent
--   users     bigint   persons   who had it
--   share     double   0 to 1    of the persons' messages that have an intent
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
      messages.user_id,
      messages.intent
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)
      AND messages.role = 'user'
      AND messages.intent IS NOT NULL
  )
SELECT position, intent, messages, users, share
FROM (
  SELECT
    row_number() OVER (ORDER BY count(*) DESC, counted.intent) AS position,
    counted.intent,
    count(*) AS messages,
    count(DISTINCT counted.user_id) AS users,
    CAST(count(*) AS double) / sum(count(*)) OVER () AS share
  FROM counted
  GROUP BY counted.intent
) AS ranked
WHERE position <= ?
ORDER BY position
