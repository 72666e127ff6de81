SELECT
  "left_out",
  "is_total",
  "found",
  "noted",
  "early",
  "odd",
  CAST("rows" AS BIGINT) AS "rows"
FROM (
  SELECT
    "left_out",
    "is_total",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("found"), 0) END AS "found",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("noted"), 0) END AS "noted",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("early"), 0) END AS "early",
    CASE WHEN "left_out" IS NULL THEN COALESCE(MAX("odd"), 0) END AS "odd",
    SUM("rows") AS "rows"
  FROM (
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      TRUE AS "is_total",
      COUNT(*) AS "found",
      COUNT(
        CASE
          WHEN (
            CASE
              WHEN JSON_VALID("leads.attributes")
              THEN JSON_EXTRACT_STRING("leads.attributes", '$."' || (
                'note'
              ) || '"')
            END
          ) = 'it''s a \ slash'
          THEN 1
        END
      ) AS "noted",
      COUNT(
        CASE
          WHEN MAKE_TIMESTAMPTZ(EPOCH_US("started_at") + 36000 * CAST(1000000 AS BIGINT)) < CAST('2026-03-03 00:00:00+00:00' AS TIMESTAMPTZ)
          THEN 1
        END
      ) AS "early",
      COUNT(CASE WHEN (
        CONTAINS("result", 'zz') OR "campaign_id" IS NULL
      ) THEN 1 END) AS "odd",
      CAST(NULL AS BIGINT) AS "rows"
    FROM (
      SELECT
        "leads"."attributes" AS "leads.attributes",
        "calls"."started_at" AS "started_at",
        "calls"."result" AS "result",
        "calls"."campaign_id" AS "campaign_id"
      FROM calls
      LEFT JOIN (
        SELECT
          "lead_id",
          "attributes"
        FROM leads
        WHERE
          NOT "attributes" IS NULL
      ) AS leads
        ON "calls"."lead_id" = "leads"."lead_id"
      WHERE
        NOT "calls"."started_at" IS NULL
        AND (
          "calls"."campaign_id" IN ('A', 'B')
          AND (
            (
              CAST("calls"."talk_s" AS DOUBLE) / NULLIF(2, 0)
            ) >= 15
          ) = (
            "calls"."result" <> 'busy'
          )
          AND STARTS_WITH("calls"."result", 'hum')
          AND (
            CASE
              WHEN JSON_VALID("leads"."attributes")
              THEN JSON_EXTRACT_STRING("leads"."attributes", '$."' || (
                'size'
              ) || '"')
            END
          ) = '10'
        )
    ) AS kept
    UNION ALL BY NAME
    SELECT
      CAST(NULL AS TEXT) AS "left_out",
      TRUE AS "is_total",
      CAST(NULL AS BIGINT) AS "rows"
  ) AS legs
  GROUP BY
    "left_out",
    "is_total"
) AS picked
