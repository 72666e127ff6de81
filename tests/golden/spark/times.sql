SELECT
  `left_out`,
  `is_total`,
  `deals.days_to_win`,
  `deals.days_to_win:n`,
  CAST(`rows` AS BIGINT) AS `rows`
FROM (
  SELECT
    `left_out`,
    `is_total`,
    MAX(`deals.days_to_win`) AS `deals.days_to_win`,
    CASE WHEN `left_out` IS NULL THEN COALESCE(MAX(`deals.days_to_win:n`), 0) END AS `deals.days_to_win:n`,
    SUM(`rows`) AS `rows`
  FROM (
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      CASE
        WHEN SIZE(
          COLLECT_LIST(
            CASE
              WHEN (
                NOT (
                  `closed_at` IS NULL
                ) OR COALESCE(`status`, 'open') = 'open'
              )
              AND NOT (
                GREATEST(
                  CAST((
                    CAST((
                      UNIX_MICROS(COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))) - UNIX_MICROS(
                        CASE
                          WHEN `journeys.first_dial_at` <= COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))
                          THEN `journeys.first_dial_at`
                          ELSE `created_at`
                        END
                      )
                    ) AS DOUBLE) / 1000000
                  ) AS DOUBLE) / NULLIF(86400, 0),
                  0
                )
              ) IS NULL
              THEN ARRAY(
                CAST(GREATEST(
                  CAST((
                    CAST((
                      UNIX_MICROS(COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))) - UNIX_MICROS(
                        CASE
                          WHEN `journeys.first_dial_at` <= COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))
                          THEN `journeys.first_dial_at`
                          ELSE `created_at`
                        END
                      )
                    ) AS DOUBLE) / 1000000
                  ) AS DOUBLE) / NULLIF(86400, 0),
                  0
                ) AS DOUBLE),
                CAST(CASE WHEN `status` = 'won' THEN 1 WHEN `status` = 'lost' THEN 2 ELSE 0 END AS DOUBLE)
              )
            END
          )
        ) > 0
        THEN COLLECT_LIST(
          CASE
            WHEN (
              NOT (
                `closed_at` IS NULL
              ) OR COALESCE(`status`, 'open') = 'open'
            )
            AND NOT (
              GREATEST(
                CAST((
                  CAST((
                    UNIX_MICROS(COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))) - UNIX_MICROS(
                      CASE
                        WHEN `journeys.first_dial_at` <= COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))
                        THEN `journeys.first_dial_at`
                        ELSE `created_at`
                      END
                    )
                  ) AS DOUBLE) / 1000000
                ) AS DOUBLE) / NULLIF(86400, 0),
                0
              )
            ) IS NULL
            THEN ARRAY(
              CAST(GREATEST(
                CAST((
                  CAST((
                    UNIX_MICROS(COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))) - UNIX_MICROS(
                      CASE
                        WHEN `journeys.first_dial_at` <= COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))
                        THEN `journeys.first_dial_at`
                        ELSE `created_at`
                      END
                    )
                  ) AS DOUBLE) / 1000000
                ) AS DOUBLE) / NULLIF(86400, 0),
                0
              ) AS DOUBLE),
              CAST(CASE WHEN `status` = 'won' THEN 1 WHEN `status` = 'lost' THEN 2 ELSE 0 END AS DOUBLE)
            )
          END
        )
      END AS `deals.days_to_win`,
      COUNT(
        CASE
          WHEN (
            NOT (
              `closed_at` IS NULL
            ) OR COALESCE(`status`, 'open') = 'open'
          )
          THEN GREATEST(
            CAST((
              CAST((
                UNIX_MICROS(COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))) - UNIX_MICROS(
                  CASE
                    WHEN `journeys.first_dial_at` <= COALESCE(`closed_at`, CAST('2026-06-01 00:00:00+00:00' AS TIMESTAMP))
                    THEN `journeys.first_dial_at`
                    ELSE `created_at`
                  END
                )
              ) AS DOUBLE) / 1000000
            ) AS DOUBLE) / NULLIF(86400, 0),
            0
          )
        END
      ) AS `deals.days_to_win:n`,
      CAST(NULL AS BIGINT) AS `rows`
    FROM (
      SELECT
        `journeys`.`first_dial_at` AS `journeys.first_dial_at`,
        `deals`.`closed_at` AS `closed_at`,
        `deals`.`created_at` AS `created_at`,
        `deals`.`status` AS `status`
      FROM deals
      LEFT JOIN (
        SELECT
          `party_id`,
          `first_dial_at`
        FROM journeys
        WHERE
          NOT `first_dial_at` IS NULL
      ) AS journeys
        ON `deals`.`lead_id` = `journeys`.`party_id`
      WHERE
        (
          `deals`.`created_at` >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMP)
          AND `deals`.`created_at` < CAST('2026-05-01 00:00:00+00:00' AS TIMESTAMP)
        )
        AND `deals`.`deal_id` = 'd1'
    ) AS kept
    UNION ALL
    SELECT
      CAST(NULL AS STRING) AS `left_out`,
      TRUE AS `is_total`,
      NULL AS `deals.days_to_win`,
      NULL AS `deals.days_to_win:n`,
      CAST(NULL AS BIGINT) AS `rows`
  ) AS legs
  GROUP BY
    `left_out`,
    `is_total`
) AS picked
