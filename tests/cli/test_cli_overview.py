"""Does the overview tell whether the money comes back, and where from?"""

from __future__ import annotations

from pathlib import Path

from commands import Run

CALLS = "call_id,started_at,direction,result\nc1,2026-01-05T10:00:00Z,outbound,busy\n"
LEADS = (
    "lead_id,created_at,lead_source\n"
    "l1,2026-01-05T08:00:00Z,web\n"
    "l2,2026-01-05T08:00:00Z,fair\n"
    "l3,2026-01-05T08:00:00Z,fair\n"
)
COSTS = (
    "cost_id,category,amount,currency,starts_on,ends_on,lead_source,allocate_by\n"
    "1,lead_data,20000,EUR,2026-01-05,2026-01-05,web,leads\n"
    "2,lead_data,30000,EUR,2026-01-05,2026-01-05,fair,leads\n"
)
ORDERS = (
    "order_id,customer_id,lead_id,ordered_at,amount,currency\n"
    "o1,k1,l1,2026-01-05T12:00:00Z,100000,{currency}\n"
    "o2,k1,l1,2026-01-05T13:00:00Z,80000,EUR\n"
    "o3,k2,l2,2026-01-05T12:00:00Z,11000,EUR\n"
    "o4,k3,l3,2026-01-05T12:00:00Z,9000,EUR\n"
)


def _firm(run: Run, **tables: str) -> None:
    run("init")
    for name, rows in {"calls": CALLS, **tables}.items():
        Path(f"{name}.csv").write_text(rows, encoding="utf-8")
        assert run("import", "files", f"{name}.csv", "--table", name).status == 0


def _lines(run: Run, *words: str) -> list[list[str]]:
    said = run("overview", *words)
    assert said.status == 0
    return [line.split() for line in said.out.splitlines()]


def test_the_missions_example(run: Run) -> None:
    """50,000 spent and 200,000 sold are 3.00, for three customers of 16,666.67 each.

    Web leads bring 180,000 for 20,000: 8.00. Those of fairs bring 20,000 for 30,000: -0.33.
    """
    _firm(run, leads=LEADS, costs=COSTS, orders=ORDERS.format(currency="EUR"))
    lines = _lines(run)
    found = {line[0]: line[1] for line in lines if len(line) > 1}
    assert found["revenue"] == "200,000.00"
    assert found["cost"] == "50,000.00"
    assert found["roi"] == "3.00"
    assert found["customer_acquisition_cost"] == "16,666.67"
    assert ["best", "web", "8.00"] in [line[:3] for line in lines]
    assert ["worst", "fair", "-0.33"] in [line[:3] for line in lines]


def test_money_that_cannot_be_added_up_is_left_out(run: Run) -> None:
    """Orders in two currencies without a rate: the calls are told all the same."""
    _firm(run, leads=LEADS, costs=COSTS, orders=ORDERS.format(currency="USD"))
    told = {line[0] for line in _lines(run) if line}
    assert {"dials", "leads_created"} <= told
    assert not {"revenue", "cost", "roi", "best"} & told


def test_only_what_is_known_is_told(run: Run) -> None:
    """Costs without orders: what was spent, but no return."""
    _firm(run, costs=COSTS)
    told = {line[0] for line in _lines(run) if line}
    assert "cost" in told
    assert not {"revenue", "roi", "leads_created", "best"} & told


def test_the_overview_speaks_four_languages(run: Run) -> None:
    """Titles are in the language asked for; another one is refused."""
    _firm(run, leads=LEADS, costs=COSTS, orders=ORDERS.format(currency="EUR"))
    for language, words in (
        ("zh", "线索来源"),
        ("ru", "Источники лидов"),
        ("ka", "ლიდების წყაროები"),
        ("en", "Lead sources"),
    ):
        assert words in run("overview", "--lang", language).out
    assert run("overview", "--lang", "xx").status == 2
