SELECT
  "left_out",
  "is_total",
  "team",
  "talk",
  "newcomers",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "team",
    MAX("talk") AS "talk",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("newcomers"), 0) END AS "newcomers",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      FALSE AS "is_total",
      "by_team" AS "team",
      CAST(SUM(CASE WHEN "direction" = 'outbound' THEN "talk_s" END) AS DOUBLE) AS "talk",
      COUNT(
        CASE
          WHEN (
            CAST(FLOOR(CAST(EPOCH_US("started_at") AS DOUBLE) / 86400000000) AS BIGINT) - (
              "agents.hired_on" - CAST('1970-01-01' AS DATE)
            )
          ) < 18
          THEN 1
        END
      ) AS "newcomers",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "calls"."talk_s" AS "talk_s",
        "calls"."direction" AS "direction",
        "agents"."hired_on" AS "agents.hired_on",
        "calls"."started_at" AS "started_at",
        "agents"."team" AS "by_team"
      FROM calls
      LEFT JOIN (
        SELECT
          "agent_id",
          "team",
          "hired_on"
        FROM agents
        WHERE
          NOT "team" IS NULL OR NOT "hired_on" IS NULL
      ) AS agents
        ON "calls"."agent_id" = "agents"."agent_id"
      WHERE
        "calls"."started_at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
        AND "calls"."started_at" < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ)
    ) AS kept
    GROUP BY
      "by_team"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "team"
) AS picked
