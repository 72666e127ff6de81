SELECT
  "left_out",
  "is_total",
  "period",
  "created",
  "converted",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "period",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("created"), 0) END AS "created",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("converted"), 0) END AS "converted",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      FALSE AS "is_total",
      "by_period" AS "period",
      COUNT(CASE WHEN "clock" = 'created_at' THEN 1 END) AS "created",
      COUNT(CASE WHEN "clock" = 'converted_at' THEN 1 END) AS "converted",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "leads"."clock" AS "clock",
        (
          CAST('1970-01-01' AS DATE) + CAST((
            CAST(FLOOR(
              CAST((
                CAST(FLOOR(CAST(EPOCH_US("leads"."at") AS DOUBLE) / 86400000000) AS BIGINT) + 3
              ) AS DOUBLE) / 7
            ) AS BIGINT) * 7 - 3
          ) AS INT)
        ) AS "by_period"
      FROM (
        SELECT
          "leads"."created_at",
          "leads"."converted_at",
          "clocks"."clock",
          CASE
            WHEN "clocks"."clock" = 'created_at'
            THEN "leads"."created_at"
            WHEN "clocks"."clock" = 'converted_at'
            THEN "leads"."converted_at"
          END AS "at"
        FROM leads
        CROSS JOIN (VALUES
          ('created_at'),
          ('converted_at')) AS clocks("clock")
      ) AS leads
      WHERE
        "leads"."at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
        AND "leads"."at" < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ)
    ) AS kept
    GROUP BY
      "by_period"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "period"
) AS picked
