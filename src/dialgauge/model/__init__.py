"""What are the nouns of dialgauge?

Frozen data without input or output: a `Table` has columns; a `Fact` is a table of things that
happen and owns `Measure`s and dimensions; a `Kpi` is a formula over measures; a `Question` asks
KPIs and an `Answer` tells them. Formulas and conditions are `expression`s of one small language.
"""
