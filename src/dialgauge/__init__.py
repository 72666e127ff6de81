"""dialgauge measures telemarketing.

A map of the house, from the floor up; imports point down only:

- `errors`: every refusal is one sentence
- `model`: the nouns (table, fact, measure, KPI, question, answer), frozen
- `tables`: the canonical tables and the facts that own their measures
- `catalogue`: the KPIs, one file a business question
- `plan`: question to plan, pure
- `engines`: plan to rows (DuckDB, Spark, plain Python)
- `prepare`: derived columns, once, at load
- `lake`: the open tables on disk
- `sources`: files and systems to canonical tables
- `analysis`: statistics on answers
- `gauge`: the hall, where plan, engine and lake meet
- `cli`: one file a command
- `lang`: titles and texts in English, Chinese, Russian and Georgian
"""
