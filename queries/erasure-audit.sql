-- erasure-audit
-- Which objects hold rows of the ids that an audit has put into `erasure_audit`, asked of the files and of no index.
-- Parameters, in order:
--   first_year  bigint  year of the first UTC partition to read
--   last_year   bigint  year of the last UTC partition to read
--   first_year  bigint  the same, of behaviour
--   last_year   bigint  the same, of behaviour
--   first_year  bigint  the same, of training logs
--   last_year   bigint  the same, of training logs
--   audit_id    string  the audit
-- Columns:
--   number      bigint   -     of the id in the audit's file; no id is in the result
--   object      varchar  -     URI of the object that holds it
--   generation  bigint   -     generation of the rows
--   row_count   bigint   rows  of the id in the object
SELECT audited.number, lake.object, lake.generation, count(*) AS row_count
FROM (
  SELECT user_id, generation, "$path" AS object FROM messages WHERE year BETWEEN ? AND ?
  UNION ALL
  SELECT user_id, generation, "$path" AS object FROM user_behavior WHERE year BETWEEN ? AND ?
  UNION ALL
  SELECT user_id, generation, "$path" AS object FROM user_patterns
  UNION ALL
  SELECT user_id, generation, "$path" AS object FROM training_logs WHERE year BETWEEN ? AND ?
) AS lake
JOIN erasure_audit AS audited ON audited.user_id = lake.user_id
WHERE audited.audit_id = ?
GROUP BY audited.number, lake.object, lake.generation
ORDER BY audited.number, lake.object, lake.generation
