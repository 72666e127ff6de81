SELECT
  `left_out`,
  `is_total`,
  `day`,
  `month`,
  `quarter`,
  `year`,
  `week`,
  `dials`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    `day`,
    `month`,
    `quarter`,
    `year`,
    `week`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`dials`), 0) END AS `dials`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      FALSE AS `is_total`,
      `by_day` AS `day`,
      `by_month` AS `month`,
      `by_quarter` AS `quarter`,
      `by_year` AS `year`,
      `by_week` AS `week`,
      COUNT(*) AS `dials`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        DATE_FROM_UNIX_DATE(
          CAST(CAST(FLOOR(
            CAST((
              UNIX_MICROS(`calls`.`started_at`) + CASE
                WHEN UNIX_MICROS(`calls`.`started_at`) < 1792890000000000
                THEN 7200
                ELSE 3600
              END * CAST(1000000 AS BIGINT)
            ) AS DOUBLE) / 86400000000
          ) AS BIGINT) AS INT)
        ) AS `by_day`,
        TRUNC(
          DATE_FROM_UNIX_DATE(
            CAST(CAST(FLOOR(
              CAST((
                UNIX_MICROS(`calls`.`started_at`) + CASE
                  WHEN UNIX_MICROS(`calls`.`started_at`) < 1792890000000000
                  THEN 7200
                  ELSE 3600
                END * CAST(1000000 AS BIGINT)
              ) AS DOUBLE) / 86400000000
            ) AS BIGINT) AS INT)
          ),
          'month'
        ) AS `by_month`,
        TRUNC(
          DATE_FROM_UNIX_DATE(
            CAST(CAST(FLOOR(
              CAST((
                UNIX_MICROS(`calls`.`started_at`) + CASE
                  WHEN UNIX_MICROS(`calls`.`started_at`) < 1792890000000000
                  THEN 7200
                  ELSE 3600
                END * CAST(1000000 AS BIGINT)
              ) AS DOUBLE) / 86400000000
            ) AS BIGINT) AS INT)
          ),
          'quarter'
        ) AS `by_quarter`,
        TRUNC(
          DATE_FROM_UNIX_DATE(
            CAST(CAST(FLOOR(
              CAST((
                UNIX_MICROS(`calls`.`started_at`) + CASE
                  WHEN UNIX_MICROS(`calls`.`started_at`) < 1792890000000000
                  THEN 7200
                  ELSE 3600
                END * CAST(1000000 AS BIGINT)
              ) AS DOUBLE) / 86400000000
            ) AS BIGINT) AS INT)
          ),
          'year'
        ) AS `by_year`,
        DATE_FROM_UNIX_DATE(
          CAST((
            CAST(FLOOR(
              CAST((
                CAST(FLOOR(
                  CAST((
                    UNIX_MICROS(`calls`.`started_at`) + CASE
                      WHEN UNIX_MICROS(`calls`.`started_at`) < 1792890000000000
                      THEN 7200
                      ELSE 3600
                    END * CAST(1000000 AS BIGINT)
                  ) AS DOUBLE) / 86400000000
                ) AS BIGINT) + -3
              ) AS DOUBLE) / 7
            ) AS BIGINT) * 7 - -3
          ) AS INT)
        ) AS `by_week`
      FROM calls
      WHERE
        `calls`.`started_at` >= CAST('2026-11-01 00:00:00+00:00' AS TIMESTAMP)
    ) AS kept
    GROUP BY
      `by_day`,
      `by_month`,
      `by_quarter`,
      `by_year`,
      `by_week`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`,
    `day`,
    `month`,
    `quarter`,
    `year`,
    `week`
) AS picked
