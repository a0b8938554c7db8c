-- response-time
-- How long answers took (processing_time_ms), for each reporting day and channel of a range that has any.
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
--   date                 date     -         reporting day
--   channel              varchar  -         such as whatsapp
--   answers              bigint   messages  with a processing time
--   avg_processing_time  double   ms        mean
--   p50_processing_time  bigint   ms        median, nearest rank
--   p95_processing_time  bigint   ms        95th percentile, nearest rank
--   max_processing_time  bigint   ms        longest
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
      messages.channel,
      messages.processing_time_ms
    FROM messages
    JOIN quarters
      ON quarters.quarter = date_diff('minute', TIMESTAMP '1970-01-01 00:00:00', messages.timestamp) / 15
    WHERE messages.year BETWEEN ? AND ?
      AND (messages.year, messages.month, messages.day) BETWEEN (?, ?, ?) AND (?, ?, ?)
      AND messages.processing_time_ms IS NOT NULL
  )
SELECT
  date,
  channel,
  sum(messages) AS answers,
  CAST(sum(processing_time_ms * messages) AS double) / sum(messages) AS avg_processing_time,
  min(processing_time_ms) FILTER (WHERE 100 * at_most >= 50 * timed) AS p50_processing_time,
  min(processing_time_ms) FILTER (WHERE 100 * at_most >= 95 * timed) AS p95_processing_time,
  max(processing_time_ms) AS max_processing_time
FROM (
  SELECT
    date,
    channel,
    processing_time_ms,
    count(*) AS messages,
    -- How many messages took at most so long, and how many have a time.
    sum(count(*)) OVER (PARTITION BY date, channel ORDER BY processing_time_ms) AS at_most,
    sum(count(*)) OVER (PARTITION BY date, channel) AS timed
  FROM counted
  GROUP BY date, channel, processing_time_ms
) AS times
GROUP BY date, channel
ORDER BY date, channel
