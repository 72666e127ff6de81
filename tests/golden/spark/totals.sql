SELECT
  `left_out`,
  `is_total`,
  `campaign`,
  `worked`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    `campaign`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`worked`), 0) END AS `worked`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      GROUPING(`by_campaign`) = 1 AS `is_total`,
      `by_campaign` AS `campaign`,
      COUNT(DISTINCT CASE WHEN `direction` = 'outbound' THEN `lead_id` END) AS `worked`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        `calls`.`lead_id` AS `lead_id`,
        `calls`.`direction` AS `direction`,
        `calls`.`campaign_id` AS `by_campaign`
      FROM calls
      WHERE
        `calls`.`started_at` >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP)
        AND `calls`.`started_at` < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMP)
    ) AS kept
    GROUP BY
      GROUPING SETS (
        (`by_campaign`),
        ()
      )
    UNION ALL
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      CAST(NULL AS STRING) AS `campaign`,
      NULL AS `worked`,
      CAST(NULL AS BIGINT) AS `rows`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`,
    `campaign`
) AS picked
