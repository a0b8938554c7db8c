-- escalations
-- Handing over to humans, for each reporting day and channel of a range that has messages.
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
--   date                date     -         reporting day
--   channel             varchar  -         such as whatsapp
--   escalations         bigint   messages  that handed over
--   escalated_users     bigint   persons   handed over at least once
--   escalated_sessions  bigint   sessions  handed over at least once
--   sessions            bigint   sessions  with at least one message
--   escalation_rate     double   0 to 1    escalated_sessions of sessions
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
      messages.session_id,
      messages.channel,
      messages.escalation_triggered
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)
  )
SELECT
  date,
  channel,
  sum(escalations) AS escalations,
  count(DISTINCT user_id) FILTER (WHERE escalations > 0) AS escalated_users,
  count_if(escalations > 0) AS escalated_sessions,
  count(*) AS sessions,
  CAST(count_if(escalations > 0) AS double) / count(*) AS escalation_rate
FROM (
  SELECT date, channel, user_id, session_id, count_if(escalation_triggered) AS escalations
  FROM counted
  GROUP BY date, channel, user_id, session_id
) AS by_session
GROUP BY date, channel
ORDER BY date, channel
