SELECT
  `left_out`,
  `is_total`,
  `period`,
  `spent`,
  `begun`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    `period`,
    MAX(`spent`) AS `spent`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`begun`), 0) END AS `begun`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      FALSE AS `is_total`,
      `by_period` AS `period`,
      CAST(SUM(`seconds`) AS DOUBLE) AS `spent`,
      COUNT(CASE WHEN `opens` THEN 1 END) AS `begun`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        `agent_time`.`seconds` AS `seconds`,
        `agent_time`.`opens` AS `opens`,
        CAST(FLOOR(CAST(UNIX_MICROS(`agent_time`.`at`) AS DOUBLE) / 3600000000) AS BIGINT) * 3600 AS `by_period`
      FROM (
        SELECT
          `started_at`,
          `ended_at`,
          TIMESTAMP_MICROS(GREATEST(`low`, `piece` * CAST(3600000000 AS BIGINT))) AS `at`,
          CASE
            WHEN NOT `ended_at` IS NULL
            THEN CAST((
              LEAST(`high`, `piece` * CAST(3600000000 AS BIGINT) + CAST(3600000000 AS BIGINT)) - GREATEST(`low`, `piece` * CAST(3600000000 AS BIGINT))
            ) AS DOUBLE) / 1000000
          END AS `seconds`,
          `piece` = `first` AS `opens`
        FROM (
          SELECT
            `started_at`,
            `ended_at`,
            `low`,
            `high`,
            CAST(FLOOR(CAST(`low` AS DOUBLE) / 3600000000) AS BIGINT) AS `first`,
            EXPLODE(
              SEQUENCE(
                CAST(FLOOR(CAST(`low` AS DOUBLE) / 3600000000) AS BIGINT),
                GREATEST(
                  CAST(FLOOR(CAST(`low` AS DOUBLE) / 3600000000) AS BIGINT),
                  CAST(FLOOR(CAST(`high` - 1 AS DOUBLE) / 3600000000) AS BIGINT)
                )
              )
            ) AS `piece`
          FROM (
            SELECT
              `started_at`,
              `ended_at`,
              GREATEST(UNIX_MICROS(`started_at`), CAST(1772409600000000 AS BIGINT)) AS `low`,
              LEAST(
                GREATEST(
                  COALESCE(UNIX_MICROS(`ended_at`), UNIX_MICROS(`started_at`)),
                  UNIX_MICROS(`started_at`)
                ),
                CAST(1772496000000000 AS BIGINT)
              ) AS `high`
            FROM agent_time
            WHERE
              `started_at` < CAST('2026-03-03 00:00:00+00:00' AS TIMESTAMP)
              AND (
                `started_at` >= CAST('2026-03-02 00:00:00+00:00' AS TIMESTAMP)
                OR `ended_at` > CAST('2026-03-02 00:00:00+00:00' AS TIMESTAMP)
              )
          ) AS parts
        ) AS parts
      ) AS agent_time
    ) AS kept
    GROUP BY
      `by_period`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`,
    `period`
) AS picked
