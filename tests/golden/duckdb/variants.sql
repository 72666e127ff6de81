SELECT
  "left_out",
  "is_total",
  "variant",
  "calls.contacts",
  "calls.dials",
  CASE
    WHEN "left_out" IS NULL
    THEN CAST(CAST("calls.contacts" AS DOUBLE) AS DOUBLE) / NULLIF(CAST("calls.dials" AS DOUBLE), 0)
  END AS "contact_rate",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    "variant",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("calls.contacts"), 0) END AS "calls.contacts",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("calls.dials"), 0) END AS "calls.dials",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(CASE
        WHEN "_reason" = 0
        THEN 'calls.test'
        WHEN "_reason" = 1
        THEN 'calls.internal'
      END AS TEXT) AS "left_out",
      (
        GROUPING("by_variant") = 1 OR NOT "_reason" IS NULL
      ) AS "is_total",
      CASE WHEN "_reason" IS NULL THEN "by_variant" END AS "variant",
      CASE
        WHEN "_reason" IS NULL
        THEN COUNT(CASE WHEN "direction" = 'outbound' AND "contact" THEN 1 END)
      END AS "calls.contacts",
      CASE
        WHEN "_reason" IS NULL
        THEN COUNT(CASE WHEN "direction" = 'outbound' THEN 1 END)
      END AS "calls.dials",
      CASE WHEN NOT "_reason" IS NULL AND GROUPING("by_variant") = 1 THEN COUNT(*) END AS "rows"
    FROM (
      SELECT
        "calls"."direction" AS "direction",
        "calls"."contact" AS "contact",
        CASE
          WHEN LEAST(
            CASE
              WHEN "call_experiments"."several_at" IS NULL
              THEN "call_experiments"."experiment"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "lead_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "lead_experiments"."several_at"
              )
              THEN "lead_experiments"."experiment"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "agent_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "agent_experiments"."several_at"
              )
              THEN "agent_experiments"."experiment"
              ELSE 'several'
            END
          ) <> GREATEST(
            CASE
              WHEN "call_experiments"."several_at" IS NULL
              THEN "call_experiments"."experiment"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "lead_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "lead_experiments"."several_at"
              )
              THEN "lead_experiments"."experiment"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "agent_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "agent_experiments"."several_at"
              )
              THEN "agent_experiments"."experiment"
              ELSE 'several'
            END
          )
          THEN 'several'
          WHEN LEAST(
            CASE
              WHEN "call_experiments"."several_at" IS NULL
              THEN "call_experiments"."variant"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "lead_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "lead_experiments"."several_at"
              )
              THEN "lead_experiments"."variant"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "agent_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "agent_experiments"."several_at"
              )
              THEN "agent_experiments"."variant"
              ELSE 'several'
            END
          ) <> GREATEST(
            CASE
              WHEN "call_experiments"."several_at" IS NULL
              THEN "call_experiments"."variant"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "lead_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "lead_experiments"."several_at"
              )
              THEN "lead_experiments"."variant"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "agent_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "agent_experiments"."several_at"
              )
              THEN "agent_experiments"."variant"
              ELSE 'several'
            END
          )
          THEN 'several'
          ELSE COALESCE(
            CASE
              WHEN "call_experiments"."several_at" IS NULL
              THEN "call_experiments"."variant"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "lead_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "lead_experiments"."several_at"
              )
              THEN "lead_experiments"."variant"
              ELSE 'several'
            END,
            CASE
              WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
              THEN NULL
              WHEN (
                "agent_experiments"."several_at" IS NULL
                OR "calls"."started_at" < "agent_experiments"."several_at"
              )
              THEN "agent_experiments"."variant"
              ELSE 'several'
            END
          )
        END AS "by_variant",
        CASE
          WHEN "calls"."test"
          THEN CAST(0 AS TINYINT)
          WHEN "calls"."direction" = 'internal'
          THEN CAST(1 AS TINYINT)
        END AS "_reason"
      FROM calls
      LEFT JOIN (
        SELECT
          "call_id",
          "several_at",
          "experiment",
          "variant"
        FROM call_experiments
        WHERE
          (
            NOT "several_at" IS NULL OR NOT "experiment" IS NULL OR NOT "variant" IS NULL
          )
          AND "asked_experiment" = 'script'
      ) AS call_experiments
        ON "calls"."call_id" = "call_experiments"."call_id"
      LEFT JOIN (
        SELECT
          "lead_id",
          "assigned_at",
          "several_at",
          "experiment",
          "variant"
        FROM lead_experiments
        WHERE
          (
            NOT "assigned_at" IS NULL
            OR NOT "several_at" IS NULL
            OR NOT "experiment" IS NULL
            OR NOT "variant" IS NULL
          )
          AND "asked_experiment" = 'script'
      ) AS lead_experiments
        ON "calls"."lead_id" = "lead_experiments"."lead_id"
      LEFT JOIN (
        SELECT
          "agent_id",
          "assigned_at",
          "several_at",
          "experiment",
          "variant"
        FROM agent_experiments
        WHERE
          (
            NOT "assigned_at" IS NULL
            OR NOT "several_at" IS NULL
            OR NOT "experiment" IS NULL
            OR NOT "variant" IS NULL
          )
          AND "asked_experiment" = 'script'
      ) AS agent_experiments
        ON "calls"."agent_id" = "agent_experiments"."agent_id"
      WHERE
        (
          "calls"."started_at" >= CAST('2026-03-01 00:00:00+00:00' AS TIMESTAMPTZ)
          AND "calls"."started_at" < CAST('2026-05-01 00:00:00+00:00' AS TIMESTAMPTZ)
        )
        AND (
          CASE
            WHEN LEAST(
              CASE
                WHEN "call_experiments"."several_at" IS NULL
                THEN "call_experiments"."experiment"
                ELSE 'several'
              END,
              CASE
                WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
                THEN NULL
                WHEN (
                  "lead_experiments"."several_at" IS NULL
                  OR "calls"."started_at" < "lead_experiments"."several_at"
                )
                THEN "lead_experiments"."experiment"
                ELSE 'several'
              END,
              CASE
                WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
                THEN NULL
                WHEN (
                  "agent_experiments"."several_at" IS NULL
                  OR "calls"."started_at" < "agent_experiments"."several_at"
                )
                THEN "agent_experiments"."experiment"
                ELSE 'several'
              END
            ) <> GREATEST(
              CASE
                WHEN "call_experiments"."several_at" IS NULL
                THEN "call_experiments"."experiment"
                ELSE 'several'
              END,
              CASE
                WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
                THEN NULL
                WHEN (
                  "lead_experiments"."several_at" IS NULL
                  OR "calls"."started_at" < "lead_experiments"."several_at"
                )
                THEN "lead_experiments"."experiment"
                ELSE 'several'
              END,
              CASE
                WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
                THEN NULL
                WHEN (
                  "agent_experiments"."several_at" IS NULL
                  OR "calls"."started_at" < "agent_experiments"."several_at"
                )
                THEN "agent_experiments"."experiment"
                ELSE 'several'
              END
            )
            THEN 'several'
            ELSE COALESCE(
              CASE
                WHEN "call_experiments"."several_at" IS NULL
                THEN "call_experiments"."experiment"
                ELSE 'several'
              END,
              CASE
                WHEN "calls"."started_at" < "lead_experiments"."assigned_at"
                THEN NULL
                WHEN (
                  "lead_experiments"."several_at" IS NULL
                  OR "calls"."started_at" < "lead_experiments"."several_at"
                )
                THEN "lead_experiments"."experiment"
                ELSE 'several'
              END,
              CASE
                WHEN "calls"."started_at" < "agent_experiments"."assigned_at"
                THEN NULL
                WHEN (
                  "agent_experiments"."several_at" IS NULL
                  OR "calls"."started_at" < "agent_experiments"."several_at"
                )
                THEN "agent_experiments"."experiment"
                ELSE 'several'
              END
            )
          END
        ) = 'script'
    ) AS kept
    GROUP BY
      GROUPING SETS (
        ("_reason", "by_variant"),
        ("_reason")
      )
    UNION ALL BY NAME
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      TRUE AS "is_total",
      CAST(NULL AS TEXT) AS "variant",
      CAST(NULL AS BIGINT) AS "rows"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total",
    "variant"
) AS picked
