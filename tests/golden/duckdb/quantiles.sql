SELECT
  "left_out",
  "is_total",
  "direction",
  "talk",
  CAST(LIST_EXTRACT("talk", 2) AS DOUBLE) AS "median",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "direction",
    MAX("talk") AS "talk",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      FALSE AS "is_total",
      "by_direction" AS "direction",
      QUANTILE_CONT(CAST(CASE WHEN "talk_s" < 100 THEN "talk_s" END AS DOUBLE), [0.1, 0.5, 0.9]) AS "talk",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "calls"."talk_s" AS "talk_s",
        "calls"."direction" AS "by_direction"
      FROM calls
      WHERE
        (
          "calls"."started_at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
          AND "calls"."started_at" < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ)
        )
        AND "calls"."direction" <> 'internal'
    ) AS kept
    GROUP BY
      "by_direction"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "direction"
) AS picked
