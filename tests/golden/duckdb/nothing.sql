SELECT
  "left_out",
  "is_total",
  "campaign",
  "dials",
  "talk",
  "middle",
  CAST(CAST("talk" AS DOUBLE) AS DOUBLE) / NULLIF(CAST("dials" AS DOUBLE), 0) AS "mean",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "campaign",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("dials"), 0) END AS "dials",
    MAX("talk") AS "talk",
    MAX("middle") AS "middle",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      GROUPING("by_campaign") = 1 AS "is_total",
      "by_campaign" AS "campaign",
      COUNT(*) AS "dials",
      CAST(SUM("talk_s") AS DOUBLE) AS "talk",
      QUANTILE_CONT(CAST("talk_s" AS DOUBLE), [0.5]) AS "middle",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "calls"."talk_s" AS "talk_s",
        "calls"."campaign_id" AS "by_campaign"
      FROM calls
      WHERE
        "calls"."started_at" >= CAST('2030-01-01 00:00:00+00:00' AS TIMESTAMPTZ)
    ) AS kept
    GROUP BY
      GROUPING SETS (
        ("by_campaign"),
        ()
      )
    UNION ALL BY NAME
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      TRUE AS "is_total",
      CAST(NULL AS TEXT) AS "campaign",
      CAST(NULL AS BIGINT) AS "rows"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "campaign"
) AS picked
