"""How sure may we be?

Statistics on answers: pure functions over numbers, without engines, files or clocks of their own.
`interval` and `quantile` give 95 % intervals, `periods` finds the period to compare with and says
what makes the two unlike, `compare` sets two answers beside each other.
"""
