SELECT
  `left_out`,
  `is_total`,
  `campaign`,
  `dials`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    `campaign`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`dials`), 0) END AS `dials`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(CASE
        WHEN `_reason` = 0
        THEN 'calls.test'
        WHEN `_reason` = 1
        THEN 'calls.internal'
      END AS STRING) AS `left_out`,
      (
        GROUPING(`by_campaign`) = 1 OR NOT `_reason` IS NULL
      ) AS `is_total`,
      CASE WHEN `_reason` IS NULL THEN `by_campaign` END AS `campaign`,
      CASE
        WHEN `_reason` IS NULL
        THEN COUNT(CASE WHEN `direction` = 'outbound' THEN 1 END)
      END AS `dials`,
      CASE WHEN NOT `_reason` IS NULL AND GROUPING(`by_campaign`) = 1 THEN COUNT(*) END AS `rows`
    FROM (
      SELECT
        `calls`.`direction` AS `direction`,
        `calls`.`campaign_id` AS `by_campaign`,
        CASE
          WHEN `calls`.`test`
          THEN CAST(0 AS TINYINT)
          WHEN `calls`.`direction` = 'internal'
          THEN CAST(1 AS TINYINT)
        END AS `_reason`
      FROM calls
      WHERE
        `calls`.`started_at` >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP)
        AND `calls`.`started_at` < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMP)
    ) AS kept
    GROUP BY
      GROUPING SETS (
        (`_reason`, `by_campaign`),
        (`_reason`)
      )
    UNION ALL
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      CAST(NULL AS STRING) AS `campaign`,
      NULL AS `dials`,
      CAST(NULL AS BIGINT) AS `rows`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`,
    `campaign`
) AS picked
