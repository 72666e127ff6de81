SELECT
  "left_out",
  "is_total",
  "period",
  "dials",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "period",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("dials"), 0) END AS "dials",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      FALSE AS "is_total",
      "by_period" AS "period",
      COUNT(*) AS "dials",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        (
          CAST(FLOOR(
            CAST((
              EPOCH_US("calls"."started_at") + CASE WHEN EPOCH_US("calls"."started_at") < 1792890000000000 THEN 7200 ELSE 3600 END * CAST(1000000 AS BIGINT)
            ) AS DOUBLE) / 3600000000
          ) AS BIGINT) * 3600 - CASE WHEN EPOCH_US("calls"."started_at") < 1792890000000000 THEN 7200 ELSE 3600 END
        ) AS "by_period"
      FROM calls
      WHERE
        "calls"."started_at" >= CAST('2026-10-25 00:00:00+00:00' AS TIMESTAMPTZ)
        AND "calls"."started_at" < CAST('2026-10-26 00:00:00+00:00' AS TIMESTAMPTZ)
    ) AS kept
    GROUP BY
      "by_period"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "period"
) AS picked
