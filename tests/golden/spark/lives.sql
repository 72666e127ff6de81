SELECT
  `left_out`,
  `is_total`,
  `period`,
  `deals.open_value`,
  `deals.won`,
  `deals.decided`,
  `deals.open_value:n`,
  `deals.open_value:squares`,
  `deals:unconverted`,
  `deals:first_currency`,
  `deals:last_currency`,
  COALESCE(CAST(`deals.open_value` AS DOUBLE), 0) AS `pipeline_value`,
  CAST(CAST(`deals.won` AS DOUBLE) AS DOUBLE) / NULLIF(CAST(`deals.decided` AS DOUBLE), 0) AS `win_rate`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    `period`,
    MAX(`deals.open_value`) AS `deals.open_value`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`deals.won`), 0) END AS `deals.won`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`deals.decided`), 0) END AS `deals.decided`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`deals.open_value:n`), 0) END AS `deals.open_value:n`,
    MAX(`deals.open_value:squares`) AS `deals.open_value:squares`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`deals:unconverted`), 0) END AS `deals:unconverted`,
    MAX(`deals:first_currency`) AS `deals:first_currency`,
    MAX(`deals:last_currency`) AS `deals:last_currency`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      GROUPING(`by_period`) = 1 AS `is_total`,
      `by_period` AS `period`,
      CASE
        WHEN GROUPING(`by_period`) = 1
        THEN CAST(SUM(
          CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND `whole`
            THEN `value`
          END
        ) AS DECIMAL(38, 4))
        ELSE CAST(SUM(
          CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND NOT (
              `whole`
            )
            THEN `value`
          END
        ) AS DECIMAL(38, 4))
      END AS `deals.open_value`,
      COUNT(CASE WHEN `clock` = 'closed_at' AND `status` = 'won' THEN 1 END) AS `deals.won`,
      COUNT(CASE WHEN `clock` = 'closed_at' AND `status` IN ('won', 'lost') THEN 1 END) AS `deals.decided`,
      CASE
        WHEN GROUPING(`by_period`) = 1
        THEN COUNT(
          CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND `whole`
            THEN `value`
          END
        )
        ELSE COUNT(
          CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND NOT (
              `whole`
            )
            THEN `value`
          END
        )
      END AS `deals.open_value:n`,
      CASE
        WHEN GROUPING(`by_period`) = 1
        THEN SUM(
          CAST(CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND `whole`
            THEN `value`
          END AS DOUBLE) * CAST(CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND `whole`
            THEN `value`
          END AS DOUBLE)
        )
        ELSE SUM(
          CAST(CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND NOT (
              `whole`
            )
            THEN `value`
          END AS DOUBLE) * CAST(CASE
            WHEN `clock` = 'alive'
            AND `created_at` < `bucket_end`
            AND (
              `closed_at` >= `bucket_end`
              OR (
                `closed_at` IS NULL AND COALESCE(`status`, 'open') = 'open'
              )
            )
            AND NOT (
              `whole`
            )
            THEN `value`
          END AS DOUBLE)
        )
      END AS `deals.open_value:squares`,
      COUNT(CASE WHEN NOT (
        `amount` IS NULL
      ) AND `value` IS NULL THEN 1 END) AS `deals:unconverted`,
      MIN(`value_currency`) AS `deals:first_currency`,
      MAX(`value_currency`) AS `deals:last_currency`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        `deals`.`value` AS `value`,
        `deals`.`clock` AS `clock`,
        `deals`.`created_at` AS `created_at`,
        `deals`.`bucket_end` AS `bucket_end`,
        `deals`.`closed_at` AS `closed_at`,
        `deals`.`status` AS `status`,
        `deals`.`whole` AS `whole`,
        `deals`.`amount` AS `amount`,
        `deals`.`value_currency` AS `value_currency`,
        TRUNC(
          DATE_FROM_UNIX_DATE(
            CAST(CAST(FLOOR(CAST(UNIX_MICROS(`deals`.`at`) AS DOUBLE) / 86400000000) AS BIGINT) AS INT)
          ),
          'month'
        ) AS `by_period`
      FROM (
        SELECT
          `deals`.`created_at`,
          `deals`.`closed_at`,
          `deals`.`status`,
          `deals`.`amount`,
          `deals`.`value`,
          `deals`.`value_currency`,
          `windows`.`clock`,
          `windows`.`bucket_start`,
          `windows`.`bucket_end`,
          `windows`.`whole`,
          CASE
            WHEN `windows`.`clock` = 'closed_at'
            THEN `deals`.`closed_at`
            WHEN `windows`.`clock` = 'alive'
            THEN `windows`.`bucket_start`
          END AS `at`
        FROM deals
        INNER JOIN VALUES
          (
            'closed_at',
            CAST(NULL AS TIMESTAMP),
            CAST(NULL AS TIMESTAMP),
            CAST(NULL AS DATE),
            CAST(NULL AS DATE),
            FALSE
          ),
          (
            'alive',
            CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP),
            CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMP),
            CAST('2026-03-01' AS DATE),
            CAST('2026-04-01' AS DATE),
            FALSE
          ),
          (
            'alive',
            CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMP),
            CAST('2026-05-01 00:00:00+00:00' AS TIMESTAMP),
            CAST('2026-04-01' AS DATE),
            CAST('2026-05-01' AS DATE),
            FALSE
          ),
          (
            'alive',
            CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP),
            CAST('2026-05-01 00:00:00+00:00' AS TIMESTAMP),
            CAST('2026-03-01' AS DATE),
            CAST('2026-05-01' AS DATE),
            TRUE
          ) AS windows(`clock`, `bucket_start`, `bucket_end`, `first`, `after`, `whole`)
          ON (
            (
              `windows`.`clock` = 'alive'
              AND `deals`.`created_at` < `windows`.`bucket_end`
              AND (
                `deals`.`closed_at` IS NULL
                OR `windows`.`bucket_start` IS NULL
                OR `deals`.`closed_at` >= `windows`.`bucket_start`
              )
            )
            OR (
              `windows`.`clock` = 'closed_at'
              AND NOT `deals`.`closed_at` IS NULL
              AND `deals`.`closed_at` >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP)
              AND `deals`.`closed_at` < CAST('2026-05-01 00:00:00+00:00' AS TIMESTAMP)
            )
          )
      ) AS deals
    ) AS kept
    GROUP BY
      GROUPING SETS (
        (`by_period`),
        ()
      )
    HAVING
      `is_total` OR COUNT(CASE WHEN NOT `whole` THEN 1 END) > 0
    UNION ALL
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      CAST(NULL AS DATE) AS `period`,
      NULL AS `deals.open_value`,
      NULL AS `deals.won`,
      NULL AS `deals.decided`,
      NULL AS `deals.open_value:n`,
      NULL AS `deals.open_value:squares`,
      NULL AS `deals:unconverted`,
      NULL AS `deals:first_currency`,
      NULL AS `deals:last_currency`,
      CAST(NULL AS BIGINT) AS `rows`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`,
    `period`
) AS picked
