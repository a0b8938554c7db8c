-- retention-cohorts
-- Persons by the week of their first message within the range, and how many of them wrote in each later week of it.
-- Weeks start on Monday: let the range start on one, well before the cohorts of interest.
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
--   cohort        date    -        Monday of the first week
--   week          bigint  weeks    after the first one, from 0
--   cohort_users  bigint  persons  of the cohort
--   active_users  bigint  persons  of them who wrote in that week
--   retention     double  0 to 1   active_users of cohort_users
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
      messages.user_id
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)
      AND messages.role = 'user'
  )
SELECT
  cohort,
  date_diff('week', cohort, week) AS week,
  max(count(*)) OVER (PARTITION BY cohort) AS cohort_users,
  count(*) AS active_users,
  CAST(count(*) AS double) / max(count(*)) OVER (PARTITION BY cohort) AS retention
FROM (
  SELECT user_id, date_trunc('week', date) AS week, min(date_trunc('week', date)) OVER (PARTITION BY user_id) AS cohort
  FROM counted
  GROUP BY user_id, date_trunc('week', date)
) AS weeks
GROUP BY cohort, week
ORDER BY cohort, week
