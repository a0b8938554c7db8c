-- hourly-activity
-- When people write: messages by day of the week and hour of the reporting time zone, over a range of days.
-- Every hour that the range has, also one without messages.
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
--   weekday   bigint   1 to 7    Monday is 1
--   hour      bigint   0 to 23   hour of the day
--   days      bigint   days      of the range that have this hour
--   messages  bigint   messages  of all roles
--   users     bigint   persons   who wrote at least one message then
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
      quarters.hour,
      messages.message_id,
      messages.user_id,
      messages.role
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)
  )
SELECT
  day_of_week(clock.date) AS weekday,
  clock.hour,
  count(DISTINCT clock.date) AS days,
  count(counted.message_id) AS messages,
  count(DISTINCT counted.user_id) FILTER (WHERE counted.role = 'user') AS users
FROM (SELECT DISTINCT date, hour FROM quarters) AS clock
LEFT JOIN counted ON counted.date = clock.date AND counted.hour = clock.hour
GROUP BY day_of_week(clock.date), clock.hour
ORDER BY weekday, hour
