SELECT
  "left_out",
  "is_total",
  "campaign",
  "dials",
  "created",
  CAST(CAST("dials" AS DOUBLE) AS DOUBLE) / NULLIF(CAST("created" AS DOUBLE), 0) AS "dials_a_lead",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "campaign",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("dials"), 0) END AS "dials",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("created"), 0) END AS "created",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      GROUPING("by_campaign") = 1 AS "is_total",
      "by_campaign" AS "campaign",
      COUNT(CASE WHEN "direction" = 'outbound' THEN 1 END) AS "dials",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "calls"."direction" AS "direction",
        "calls"."campaign_id" AS "by_campaign"
      FROM calls
      WHERE
        "calls"."started_at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
        AND "calls"."started_at" < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ)
    ) AS kept
    GROUP BY
      GROUPING SETS (
        ("by_campaign"),
        ()
      )
    UNION ALL BY NAME
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      GROUPING("by_campaign") = 1 AS "is_total",
      "by_campaign" AS "campaign",
      COUNT(*) AS "created",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "leads"."campaign_id" AS "by_campaign"
      FROM leads
      WHERE
        "leads"."created_at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
        AND "leads"."created_at" < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ)
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
