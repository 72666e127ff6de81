SELECT
  "call_id",
  "test",
  "started_at",
  "agent_id",
  "contact"
FROM (
  SELECT
    "calls"."call_id" AS "call_id",
    "calls"."test" AS "test",
    "calls"."started_at" AS "started_at",
    "calls"."agent_id" AS "agent_id",
    "calls"."contact" AS "contact",
    CASE WHEN "calls"."test" THEN CAST(0 AS TINYINT) END AS "_reason"
  FROM calls
  LEFT JOIN (
    SELECT
      "agent_id",
      "team"
    FROM agents
    WHERE
      NOT "team" IS NULL
  ) AS agents
    ON "calls"."agent_id" = "agents"."agent_id"
  WHERE
    NOT "calls"."started_at" IS NULL AND "agents"."team" = 'North'
) AS kept
WHERE
  "_reason" IS NULL AND "contact"
ORDER BY
  "started_at",
  "call_id"
LIMIT 10
