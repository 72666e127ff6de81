"""How many random examples can an engine take?"""

from __future__ import annotations

from hypothesis import settings

from dialgauge.engines.base import Engine

SPARK_EXAMPLES = 15
"""A plan takes Spark a second, whatever it reads."""


def examples(candidate: Engine) -> settings:
    """Say how many examples an engine can take."""
    slow = "spark" in type(candidate).__name__.lower()
    chosen = settings.default or settings()
    return (
        settings(chosen, max_examples=min(chosen.max_examples, SPARK_EXAMPLES)) if slow else chosen
    )
