"""dialgauge measures telemarketing.

The front door: open a lake, ask a question, read the answer.

    >>> import dialgauge
    >>> dialgauge.Question(kpis=("contact_rate",), by=("hour",)).timezone
    'UTC'

- `connect` opens a lake and gives a `Gauge`
- `Gauge.ask` takes a `Question` (with a `Period`, a `Grain`) and gives an `Answer`
- `Answer` has `Row`s of `Value`s, each with its numerator, denominator and interval
- `records` writes an answer's rows flat, for pandas and the like
- `DialgaugeError` is what every refusal is: one sentence

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
- `checks`: what is wrong with the data, and which KPIs it touches
- `gauge`, `intake`, `checkup`: the halls, where plan, engine and lake, or sources, prepare and
  lake, or checks and lake meet
- `why`, `targets`, `cohorts`: what several answers say together
- `asking`, `telling`, `contents`: words to a question, what can be asked, what a lake holds
- `template`: spreadsheets that people fill in
- `outward`: results back to diallers and CRMs
- `config`, `front`: which lake is meant, and opening it
- `remote`: the same questions to a server
- `lang`: titles and texts in English, Chinese, Russian and Georgian
- `testing`: an invented company, to try and to test with
- `store`: the application database: users, kept views, notes, targets and segments made in pages
- `server`: the dashboard, its twins, the API, the assistant's door; who may see what
- `cli`: one file a command
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dialgauge.errors import DialgaugeError
from dialgauge.model.answer import Answer, Change, Row, Value
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.wire import records

if TYPE_CHECKING:
    from dialgauge.front import connect
    from dialgauge.gauge import Gauge

__all__ = [
    "Answer",
    "Change",
    "DialgaugeError",
    "Gauge",
    "Grain",
    "Period",
    "Question",
    "Row",
    "Value",
    "connect",
    "records",
]


def __getattr__(name: str) -> Any:
    """Fetch what needs DuckDB only when it is asked for, so that importing stays cheap."""
    if name == "connect":
        from dialgauge.front import connect  # noqa: PLC0415 - heavy

        return connect
    if name == "Gauge":
        from dialgauge.gauge import Gauge  # noqa: PLC0415 - heavy

        return Gauge
    raise AttributeError(f"module 'dialgauge' has no '{name}'; it has {', '.join(__all__)}")
