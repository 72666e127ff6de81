"""What follows from several numbers taken together?

Rules for hints that need more than one KPI: whether another attempt pays, whether quick calls go
with more sales, and what a plain mean of the sales cycle hides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dialgauge.analysis.compare import change
from dialgauge.model.answer import Row
from dialgauge.server.panels.dots import longer
from dialgauge.server.panels.heat import LEAST_ROWS
from dialgauge.server.panels.hints import Advice, Hint, listed
from dialgauge.server.panels.mood import Mood
from dialgauge.server.panels.panel import Look, total
from dialgauge.server.panels.ways import SPEED

_RATE = "call_conversion_rate"
_MONEY = ("conversions", "revenue", "cost", "margin_roi", "cost_per_dial")


@dataclass(frozen=True, slots=True, kw_only=True)
class AnotherAttempt:
    """Says after which attempt another call stops paying."""

    def advise(self, look: Look) -> Advice:
        """Hold conversions a dial of each attempt against what they must reach to pay."""
        say, view = look.say, look.view
        rate = look.gauge.words.kpi(_RATE)
        by_attempt = look.gauge.ask(view.question(_RATE, by=("attempt",)))
        money = look.gauge.ask(view.question(*_MONEY))
        answers = {"attempts": by_attempt, "money": money}
        values = total(money).values
        needed = break_even(
            {name: values[name].value for name in _MONEY},
        )
        if needed is None:
            return Advice(answers=answers)
        rows = [row for row in by_attempt.rows if row.keys["attempt"] is not None]
        pays, fails = paying(rows, _RATE, needed)
        told = {
            "needed": say.number(needed, rate.unit),
            "cost": say.money(values["cost_per_dial"].value or 0.0),
        }
        hints = []
        last = tail(rows, fails)
        if rows and len(last) == len(rows):
            hints.append(Hint(text=say.t("boards.attempts_all_fail", **told), mood=Mood.BAD))
        elif last:
            named = listed([_attempt(row, look) for row in last], say)
            text = say.t("boards.attempts_fail", groups=named, **told)
            hints.append(Hint(text=text, mood=Mood.BAD))
        if pays:
            named = listed([_attempt(row, look) for row in pays], say)
            text = say.t("boards.attempts_pay", groups=named, **told)
            hints.append(Hint(text=text, mood=Mood.GOOD))
        if not hints and rows:
            hints.append(Hint(text=say.t("boards.attempts_unsure", **told)))
        return Advice(hints=hints, answers=answers)


def break_even(money: Mapping[str, float | None]) -> float | None:
    """Say how many conversions a dial must bring to pay for itself.

    Args:
        money: conversions, cost, margin_roi and cost_per_dial, as they were answered.

    Returns:
        The cost of a dial divided by the margin of a conversion; None where either is unknown or
        conversions brought no margin.

    Example:
        >>> break_even({"conversions": 10, "cost": 500, "margin_roi": 1.0, "cost_per_dial": 2.0})
        0.02
    """
    conversions, cost = money["conversions"], money["cost"]
    roi, dial = money["margin_roi"], money["cost_per_dial"]
    if not conversions or cost is None or roi is None or dial is None:
        return None
    margin = (roi + 1) * cost / conversions
    return dial / margin if margin > 0 else None


def paying(rows: Sequence[Row], kpi: str, needed: float) -> tuple[list[Row], list[Row]]:
    """Find the groups that surely reach a number, and those that surely do not."""
    known = [
        (row, value.low, value.high)
        for row in rows
        for value in (row.values[kpi],)
        if value.low is not None and value.high is not None and value.n >= LEAST_ROWS
    ]
    return (
        [row for row, low, _ in known if low > needed],
        [row for row, _, high in known if high < needed],
    )


def tail(rows: Sequence[Row], fails: Sequence[Row]) -> list[Row]:
    """Keep of the rows that fail those after which none comes that may not fail.

    An attempt that does not pay before one that does is the way to that one.
    """
    found: list[Row] = []
    for row in reversed(rows):
        if row not in fails:
            break
        found.insert(0, row)
    return found


def _attempt(row: Row, look: Look) -> str:
    kpi = look.gauge.words.kpi(_RATE)
    told = look.say.number(row.values[_RATE].value, kpi.unit)
    return f"{look.say.key('attempt', row.keys['attempt'])} ({told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMean:
    """Says what the plain mean of the sales cycle hides."""

    def advise(self, look: Look) -> Advice:
        """Set the mean of won deals beside the median that counts open and lost ones."""
        say, words = look.say, look.gauge.words
        kpis = ("sales_cycle", "sales_cycle_mean")
        answer = look.gauge.ask(look.view.question(*kpis))
        cycle, mean = (total(answer).values[name] for name in kpis)
        unit = words.kpi("sales_cycle").unit
        if cycle.value is None and mean.value is not None:
            text = say.t("boards.no_cycle", mean=say.number(mean.value, unit))
            return Advice(hints=[Hint(text=text)], answers={"cycle": answer})
        if cycle.value is None or mean.value is None or cycle.value <= mean.value:
            return Advice(answers={"cycle": answer})
        text = say.t(
            "boards.plain_mean",
            cycle=say.number(cycle.value, unit),
            mean=say.number(mean.value, unit),
        )
        return Advice(hints=[Hint(text=text)], answers={"cycle": answer})


_FAST, _SLOW = SPEED[0][1], "journeys.first_dial_at > created_at + 5 minutes"
_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class FastCalls:
    """Says whether leads that were called at once were won more often."""

    def advise(self, look: Look) -> Advice:
        """Set leads dialled within five minutes beside those dialled later."""
        say = look.say
        kpi = look.gauge.words.kpi("lead_conversion_rate")
        view = longer(look.view, _YEAR)
        fast, slow = (
            look.gauge.ask(view.question(kpi.name, where=(condition,)))
            for condition in (_FAST, _SLOW)
        )
        answers = {"fast": fast, "slow": slow}
        one, other = (total(each).values[kpi.name] for each in (fast, slow))
        found = change(one, other)
        if found.likely_real is None:
            return Advice(answers=answers)
        sure = found.likely_real and (found.difference or 0) > 0
        text = say.t(
            "boards.fast_better" if sure else "boards.fast_unsure",
            fast=say.number(one.value, kpi.unit),
            slow=say.number(other.value, kpi.unit),
        )
        mood = Mood.GOOD if sure else Mood.FLAT
        return Advice(hints=[Hint(text=text, mood=mood)], answers=answers)
