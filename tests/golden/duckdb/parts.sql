SELECT
  "left_out",
  "is_total",
  "part",
  "agent",
  "dials",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "part",
    "agent",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("dials"), 0) END AS "dials",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(CASE WHEN "_reason" = 0 THEN 'calls.test' END AS TEXT) AS "left_out",
      (
        GROUPING("by_agent") = 1 OR NOT "_reason" IS NULL
      ) AS "is_total",
      "_part" AS "part",
      CASE WHEN "_reason" IS NULL THEN "by_agent" END AS "agent",
      CASE
        WHEN "_reason" IS NULL
        THEN COUNT(CASE WHEN "direction" = 'outbound' THEN 1 END)
      END AS "dials",
      CASE WHEN NOT "_reason" IS NULL AND GROUPING("by_agent") = 1 THEN COUNT(*) END AS "rows"
    FROM (
      SELECT
        "calls"."direction" AS "direction",
        "calls"."agent_id" AS "by_agent",
        CASE WHEN "calls"."test" THEN CAST(0 AS TINYINT) END AS "_reason",
        "calls"."campaign_id" AS "_part"
      FROM calls
      WHERE
        (
          "calls"."started_at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
          AND "calls"."started_at" < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ)
        )
        AND NOT "calls"."campaign_id" IS NULL
    ) AS kept
    GROUP BY
      GROUPING SETS (
        ("_reason", "_part", "by_agent"),
        ("_reason", "_part")
      )
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "part",
    "agent"
) AS picked
