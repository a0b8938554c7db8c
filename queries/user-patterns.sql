-- user-patterns
-- What groups of persons did in the last 90 days: by how often they write and by what they want most; nobody is named.
-- Groups of fewer persons than asked for are left out. The table is made anew each night.
-- Parameters, in order:
--   least_users  bigint  persons that a group must have to be shown
--   limit        bigint  how many groups at most, the largest first
-- Columns:
--   position           bigint   -         1 for the largest group
--   activity           varchar  -         days with a message of the person's own: 0 days, 1 day, 2 to 5 days, …
--   top_intent         varchar  -         intent that these persons had most; null where they had none
--   users              bigint   persons   in the group
--   user_messages      bigint   messages  that they wrote
--   sessions           bigint   sessions  of theirs, counted each day
--   escalations        bigint   messages  that handed one of them over to a human
--   avg_sentiment      double   -1 to 1   mean of the persons' mean sentiments
--   avg_response_time  double   ms        mean time to the next answer, over all their answered messages
SELECT position, activity, top_intent, users, user_messages, sessions, escalations, avg_sentiment, avg_response_time
FROM (
  SELECT
    row_number() OVER (ORDER BY count(*) DESC, activity, top_intent) AS position,
    activity,
    top_intent,
    count(*) AS users,
    sum(user_messages) AS user_messages,
    sum(sessions) AS sessions,
    sum(escalations) AS escalations,
    -- As decimals, so that the order of the rows changes no digit.
    CAST(
      avg(CASE WHEN mean_sentiment BETWEEN -1 AND 1 THEN CAST(mean_sentiment AS decimal(18, 9)) END) AS double
    ) AS avg_sentiment,
    CAST(sum(CAST(response_ms_mean AS decimal(20, 9)) * CAST(answered AS decimal(12, 0))) AS double)
      / nullif(sum(answered), 0) AS avg_response_time
  FROM (
    SELECT
      CASE
        WHEN active_days = 0 THEN '0 days'
        WHEN active_days = 1 THEN '1 day'
        WHEN active_days <= 5 THEN '2 to 5 days'
        WHEN active_days <= 20 THEN '6 to 20 days'
        ELSE 'over 20 days'
      END AS activity,
      top_intent,
      user_messages,
      sessions,
      escalations,
      mean_sentiment,
      response_ms_mean,
      answered
    FROM user_patterns
  ) AS persons
  GROUP BY activity, top_intent
) AS groups
WHERE users >= ?
  AND position <= ?
ORDER BY position
