SELECT
  `left_out`,
  `is_total`,
  `campaign`,
  `dials`,
  `contacts`,
  CAST(CAST(`contacts` AS DOUBLE) AS DOUBLE) / NULLIF(CAST(`dials` AS DOUBLE), 0) AS `rate`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    `campaign`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`dials`), 0) END AS `dials`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`contacts`), 0) END AS `contacts`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      FALSE AS `is_total`,
      `by_campaign` AS `campaign`,
      COUNT(CASE WHEN `direction` = 'outbound' THEN 1 END) AS `dials`,
      COUNT(CASE WHEN `direction` = 'outbound' AND `contact` THEN 1 END) AS `contacts`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        `calls`.`direction` AS `direction`,
        `calls`.`contact` AS `contact`,
        `calls`.`campaign_id` AS `by_campaign`
      FROM calls
      WHERE
        `calls`.`started_at` >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP)
        AND `calls`.`started_at` < CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMP)
    ) AS kept
    GROUP BY
      `by_campaign`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`,
    `campaign`
) AS picked
