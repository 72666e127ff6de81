SELECT
  `left_out`,
  `is_total`,
  `dials`,
  `cost`,
  `squares`,
  `products`,
  `first`,
  `last`,
  CAST(CAST(`cost` AS DOUBLE) AS DOUBLE) / NULLIF(CAST(`dials` AS DOUBLE), 0) AS `cost_a_dial`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`dials`), 0) END AS `dials`,
    MAX(`cost`) AS `cost`,
    MAX(`squares`) AS `squares`,
    MAX(`products`) AS `products`,
    MAX(`first`) AS `first`,
    MAX(`last`) AS `last`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      COUNT(CASE WHEN `direction` = 'outbound' THEN 1 END) AS `dials`,
      CAST(SUM(CASE WHEN `direction` = 'outbound' THEN `cost` END) AS DECIMAL(38, 4)) AS `cost`,
      SUM(
        CAST(CASE WHEN `direction` = 'outbound' THEN `talk_s` END AS DOUBLE) * CAST(CASE WHEN `direction` = 'outbound' THEN `talk_s` END AS DOUBLE)
      ) AS `squares`,
      SUM(
        CASE
          WHEN `direction` = 'outbound'
          THEN CAST(`talk_s` AS DOUBLE) * CAST(`talk_s` + 1 AS DOUBLE)
        END
      ) AS `products`,
      MIN(`started_at`) AS `first`,
      MAX(`started_at`) AS `last`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        `calls`.`direction` AS `direction`,
        `calls`.`cost` AS `cost`,
        `calls`.`talk_s` AS `talk_s`,
        `calls`.`started_at` AS `started_at`
      FROM calls
      WHERE
        `calls`.`started_at` >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP)
        AND `calls`.`started_at` < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMP)
    ) AS kept
    UNION ALL
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      NULL AS `dials`,
      NULL AS `cost`,
      NULL AS `squares`,
      NULL AS `products`,
      NULL AS `first`,
      NULL AS `last`,
      CAST(NULL AS BIGINT) AS `rows`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`
) AS picked
