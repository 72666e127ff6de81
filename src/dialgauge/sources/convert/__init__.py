"""How do values as people write them become canonical ones?

Everything here writes SQL and runs none: `cells` knows what kinds of values files hold, `columns`
and `times` convert one column, `expressions` renders what a mapping computes, and `projection`
puts them together into one statement for a file and a table.
"""
