"""Who does the work?

Each engine answers the same plans: `duckdb` on one machine, `spark` on many, `reference` in plain
Python, slow and obvious, against which the others are held.
"""
