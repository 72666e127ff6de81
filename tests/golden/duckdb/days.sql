SELECT
  "left_out",
  "is_total",
  "period",
  "cost_shares.amount",
  "cost_shares.labour",
  "cost_shares.amount:n",
  "cost_shares.labour:n",
  "cost_shares:unconverted",
  "cost_shares:first_currency",
  "cost_shares:last_currency",
  COALESCE(CAST("cost_shares.amount" AS DOUBLE), 0) AS "cost",
  COALESCE(CAST("cost_shares.labour" AS DOUBLE), 0) AS "cost_labour",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "period",
    MAX("cost_shares.amount") AS "cost_shares.amount",
    MAX("cost_shares.labour") AS "cost_shares.labour",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("cost_shares.amount:n"), 0) END AS "cost_shares.amount:n",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("cost_shares.labour:n"), 0) END AS "cost_shares.labour:n",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("cost_shares:unconverted"), 0) END AS "cost_shares:unconverted",
    MAX("cost_shares:first_currency") AS "cost_shares:first_currency",
    MAX("cost_shares:last_currency") AS "cost_shares:last_currency",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      GROUPING("by_period") = 1 AS "is_total",
      "by_period" AS "period",
      CAST(SUM("portion") AS DECIMAL(38, 4)) AS "cost_shares.amount",
      CAST(SUM(CASE WHEN "category" = 'labour' THEN "portion" END) AS DECIMAL(38, 4)) AS "cost_shares.labour",
      COUNT("portion") AS "cost_shares.amount:n",
      COUNT(CASE WHEN "category" = 'labour' THEN "portion" END) AS "cost_shares.labour:n",
      COUNT(CASE WHEN NOT (
        "amount" IS NULL
      ) AND "value" IS NULL THEN 1 END) AS "cost_shares:unconverted",
      MIN("value_currency") AS "cost_shares:first_currency",
      MAX("value_currency") AS "cost_shares:last_currency",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "cost_shares"."portion" AS "portion",
        "cost_shares"."category" AS "category",
        "cost_shares"."amount" AS "amount",
        "cost_shares"."value" AS "value",
        "cost_shares"."value_currency" AS "value_currency",
        CAST(DATE_TRUNC(
          'month',
          (
            CAST('1970-01-01' AS DATE) + CAST(CAST(FLOOR(CAST(EPOCH_US("cost_shares"."at") AS DOUBLE) / 86400000000) AS BIGINT) AS INT)
          )
        ) AS DATE) AS "by_period"
      FROM (
        SELECT
          "cost_shares"."category",
          "cost_shares"."starts_on",
          "cost_shares"."ends_on",
          "cost_shares"."amount",
          "cost_shares"."value",
          "cost_shares"."value_currency",
          "windows"."bucket_start" AS "at",
          CAST(CASE
            WHEN ABS("cost_shares"."value") < 100000000
            AND ABS(
              COALESCE(
                CASE
                  WHEN NOT (
                    (
                      "windows"."after" - CAST('1970-01-01' AS DATE)
                    ) - (
                      "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                    )
                  ) IS NULL
                  THEN GREATEST(
                    LEAST(
                      (
                        (
                          "windows"."after" - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        )
                      ),
                      (
                        (
                          COALESCE(
                            GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                            "cost_shares"."starts_on"
                          ) - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        ) + 1
                      )
                    ),
                    0
                  )
                END,
                (
                  (
                    COALESCE(
                      GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                      "cost_shares"."starts_on"
                    ) - CAST('1970-01-01' AS DATE)
                  ) - (
                    "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                  ) + 1
                )
              )
            ) < 1000000
            THEN CAST((
              CAST("cost_shares"."value" * 10000 AS BIGINT) * CAST(COALESCE(
                CASE
                  WHEN NOT (
                    (
                      "windows"."after" - CAST('1970-01-01' AS DATE)
                    ) - (
                      "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                    )
                  ) IS NULL
                  THEN GREATEST(
                    LEAST(
                      (
                        (
                          "windows"."after" - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        )
                      ),
                      (
                        (
                          COALESCE(
                            GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                            "cost_shares"."starts_on"
                          ) - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        ) + 1
                      )
                    ),
                    0
                  )
                END,
                (
                  (
                    COALESCE(
                      GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                      "cost_shares"."starts_on"
                    ) - CAST('1970-01-01' AS DATE)
                  ) - (
                    "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                  ) + 1
                )
              ) AS BIGINT)
            ) // CAST((
              (
                COALESCE(
                  GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                  "cost_shares"."starts_on"
                ) - CAST('1970-01-01' AS DATE)
              ) - (
                "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
              ) + 1
            ) AS BIGINT) AS INT128)
            ELSE (
              CAST(CAST("cost_shares"."value" AS DECIMAL(38, 4)) * 10000 AS INT128) * CAST(COALESCE(
                CASE
                  WHEN NOT (
                    (
                      "windows"."after" - CAST('1970-01-01' AS DATE)
                    ) - (
                      "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                    )
                  ) IS NULL
                  THEN GREATEST(
                    LEAST(
                      (
                        (
                          "windows"."after" - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        )
                      ),
                      (
                        (
                          COALESCE(
                            GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                            "cost_shares"."starts_on"
                          ) - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        ) + 1
                      )
                    ),
                    0
                  )
                END,
                (
                  (
                    COALESCE(
                      GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                      "cost_shares"."starts_on"
                    ) - CAST('1970-01-01' AS DATE)
                  ) - (
                    "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                  ) + 1
                )
              ) AS INT128)
            ) // CAST((
              (
                COALESCE(
                  GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                  "cost_shares"."starts_on"
                ) - CAST('1970-01-01' AS DATE)
              ) - (
                "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
              ) + 1
            ) AS INT128)
          END AS DECIMAL(22, 0)) * CAST(0.0001 AS DECIMAL(5, 4)) - CAST(CASE
            WHEN ABS("cost_shares"."value") < 100000000
            AND ABS(
              COALESCE(
                CASE
                  WHEN NOT (
                    (
                      "windows"."first" - CAST('1970-01-01' AS DATE)
                    ) - (
                      "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                    )
                  ) IS NULL
                  THEN GREATEST(
                    LEAST(
                      (
                        (
                          "windows"."first" - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        )
                      ),
                      (
                        (
                          COALESCE(
                            GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                            "cost_shares"."starts_on"
                          ) - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        ) + 1
                      )
                    ),
                    0
                  )
                END,
                0
              )
            ) < 1000000
            THEN CAST((
              CAST("cost_shares"."value" * 10000 AS BIGINT) * CAST(COALESCE(
                CASE
                  WHEN NOT (
                    (
                      "windows"."first" - CAST('1970-01-01' AS DATE)
                    ) - (
                      "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                    )
                  ) IS NULL
                  THEN GREATEST(
                    LEAST(
                      (
                        (
                          "windows"."first" - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        )
                      ),
                      (
                        (
                          COALESCE(
                            GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                            "cost_shares"."starts_on"
                          ) - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        ) + 1
                      )
                    ),
                    0
                  )
                END,
                0
              ) AS BIGINT)
            ) // CAST((
              (
                COALESCE(
                  GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                  "cost_shares"."starts_on"
                ) - CAST('1970-01-01' AS DATE)
              ) - (
                "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
              ) + 1
            ) AS BIGINT) AS INT128)
            ELSE (
              CAST(CAST("cost_shares"."value" AS DECIMAL(38, 4)) * 10000 AS INT128) * CAST(COALESCE(
                CASE
                  WHEN NOT (
                    (
                      "windows"."first" - CAST('1970-01-01' AS DATE)
                    ) - (
                      "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                    )
                  ) IS NULL
                  THEN GREATEST(
                    LEAST(
                      (
                        (
                          "windows"."first" - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        )
                      ),
                      (
                        (
                          COALESCE(
                            GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                            "cost_shares"."starts_on"
                          ) - CAST('1970-01-01' AS DATE)
                        ) - (
                          "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
                        ) + 1
                      )
                    ),
                    0
                  )
                END,
                0
              ) AS INT128)
            ) // CAST((
              (
                COALESCE(
                  GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
                  "cost_shares"."starts_on"
                ) - CAST('1970-01-01' AS DATE)
              ) - (
                "cost_shares"."starts_on" - CAST('1970-01-01' AS DATE)
              ) + 1
            ) AS INT128)
          END AS DECIMAL(22, 0)) * CAST(0.0001 AS DECIMAL(5, 4)) AS "portion"
        FROM cost_shares
        JOIN (VALUES
          (
            '',
            CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ),
            CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ),
            CAST('2026-03-01' AS DATE),
            CAST('2026-04-01' AS DATE),
            FALSE
          ),
          (
            '',
            CAST('2026-04-01 00:00:00+00:00' AS TIMESTAMPTZ),
            CAST('2026-05-01 00:00:00+00:00' AS TIMESTAMPTZ),
            CAST('2026-04-01' AS DATE),
            CAST('2026-05-01' AS DATE),
            FALSE
          )) AS windows("clock", "bucket_start", "bucket_end", "first", "after", "whole")
          ON NOT "cost_shares"."starts_on" IS NULL
          AND (
            "windows"."after" IS NULL OR "cost_shares"."starts_on" < "windows"."after"
          )
          AND (
            "windows"."first" IS NULL
            OR COALESCE(
              GREATEST("cost_shares"."ends_on", "cost_shares"."starts_on"),
              "cost_shares"."starts_on"
            ) >= "windows"."first"
          )
      ) AS cost_shares
    ) AS kept
    GROUP BY
      GROUPING SETS (
        ("by_period"),
        ()
      )
    UNION ALL BY NAME
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      TRUE AS "is_total",
      CAST(NULL AS DATE) AS "period",
      CAST(NULL AS BIGINT) AS "rows"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "period"
) AS picked
