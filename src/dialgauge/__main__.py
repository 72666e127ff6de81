"""What does `python -m dialgauge` do? The same as `dialgauge`."""

from dialgauge.cli import run

run()
