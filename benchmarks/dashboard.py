"""How fast is the dashboard on millions of calls, in a real browser?

    python benchmarks/dashboard.py --folder F [--calls 5000000] [--rounds 5] [--load]

Serves the demo's lake in F (made when missing) and opens its overview in Chromium: cold, with an
empty cache; warm; then clicks on filters that nobody has asked for since the server started, once
it has worked ahead (see `server/pages/foresight.py`). With
`--load` fifty people click on its filters at once for a minute: when nobody has asked for them yet,
and when each view has been asked for once. Aims are those of the issue.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from crowd import crowd, groups, quantile, views
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from serving import Serving, lake_of, serving

_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_WATCH = """() => {
    window.seen = {};
    const look = () => {
        const now = performance.now();
        if (!seen.numbers && document.querySelector('#cards .val')) seen.numbers = now;
        const charts = document.querySelectorAll('.chart').length;
        if (!charts || document.querySelector('.chart:not([data-drawn])')) seen.charts = 0;
        else seen.charts ||= now;
    };
    new MutationObserver(() => requestAnimationFrame(look)).observe(document,
        { childList: true, subtree: true, attributes: true, attributeFilter: ['data-drawn'] });
}"""
_CLICK = """([name, group]) => new Promise(done => {
    const start = performance.now(), took = {};
    const before = document.querySelector('#cards .val').closest('.kpis');
    const look = () => {
        const now = performance.now() - start;
        const cards = document.querySelector('#cards .val')?.closest('.kpis');
        if (!took.cards && cards && cards !== before) took.cards = now;
        const whole = took.cards && location.search.includes(name);
        if (whole && !document.querySelector('.chart:not([data-drawn])')) {
            watch.disconnect(); took.charts = now; done(took);
        }
    };
    const watch = new MutationObserver(() => requestAnimationFrame(look));
    watch.observe(document, { childList: true, subtree: true, attributes: true });
    const boxes = [...document.querySelectorAll(`.filters input[name="${name}"]`)];
    boxes.find(each => each.value === group).click();
})"""
_PATIENCE_MS = 300_000


@dataclass(slots=True)
class Seen:
    """What was measured: name to the value of each round."""

    found: dict[str, list[float]] = field(default_factory=dict)

    def note(self, name: str, value: float) -> None:
        """Write down one."""
        self.found.setdefault(name, []).append(value)


def main() -> None:
    """Measure, and print a table."""
    options = _options()
    seen = Seen()
    lake = lake_of(options.folder, options.calls)
    with serving(lake) as server, sync_playwright() as drive:
        browser = drive.chromium.launch(executable_path="/usr/bin/chromium", args=_QUIET)
        _first(server, seen)
        for _ in range(options.rounds):
            _cold_and_warm(browser, server, seen)
        _clicks(browser, server, seen, options.rounds)
        _memory(server, seen)
        browser.close()
    if options.load:
        with serving(lake) as server:
            _load(server, seen)
    _print(seen)


def _options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--folder", type=Path, required=True)
    asked.add_argument("--calls", type=int, default=5_000_000)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--load", action="store_true")
    return asked.parse_args()


def _first(server: Serving, seen: Seen) -> None:
    """Open the overview as the first person of the day does, with nothing remembered."""
    cpu, start = server.cpu, time.perf_counter()
    httpx2.get(f"{server.address}/overview", headers={"Accept": "text/html"}, timeout=600)
    seen.note("first page of a new server, ms", 1000 * (time.perf_counter() - start))
    seen.note("first page of a new server, CPU ms", 1000 * (server.cpu - cpu))
    start = time.perf_counter()
    while server.cpu != cpu:
        cpu = server.cpu
        time.sleep(2)
    seen.note("then it works ahead for, ms", 1000 * (time.perf_counter() - start))


def _transferred(context: BrowserContext, page: Page) -> list[float]:
    """Count the bytes of all that comes over the wire, headers too."""
    found: list[float] = []
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda told: found.append(told["encodedDataLength"]))
    return found


def _opened(page: Page, server: Serving) -> dict[str, float]:
    page.goto(f"{server.address}/overview", wait_until="load")
    page.locator("body:not(:has(.chart:not([data-drawn])))").wait_for(timeout=_PATIENCE_MS)
    page.wait_for_timeout(200)
    found: dict[str, float] = page.evaluate("seen")
    return found


def _cold_and_warm(browser: Browser, server: Serving, seen: Seen) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(f"({_WATCH})()")
    wire = _transferred(context, page)
    cold = _opened(page, server)
    seen.note("cold transfer, KB", sum(wire) / 1000)
    seen.note("numbers visible, cold, ms", cold["numbers"])
    seen.note("all charts, cold, ms", cold["charts"])
    wire.clear()
    warm = _opened(page, server)
    seen.note("warm transfer, KB", sum(wire) / 1000)
    seen.note("all charts, warm, ms", warm["charts"])
    context.close()


def _clicks(browser: Browser, server: Serving, seen: Seen, rounds: int) -> None:
    """Click on a group that nobody has asked for, and again on a fresh page."""
    known = groups(server.address)
    wanted = [(name, group) for name in ("campaign", "team") for group in known[name]]
    for how in ("a new filter", "a filter asked before"):
        for name, group in wanted[: max(rounds, 3)]:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            page = context.new_page()
            page.set_default_timeout(_PATIENCE_MS)
            page.add_init_script(f"({_WATCH})()")
            wire = _transferred(context, page)
            _opened(page, server)
            wire.clear()
            cpu = server.cpu
            took = page.evaluate(_CLICK, [name, group])
            page.wait_for_timeout(200)
            seen.note(f"{how} to new cards, ms", took["cards"])
            seen.note(f"{how} to the last chart, ms", took["charts"])
            seen.note(f"{how}, server CPU ms", 1000 * (server.cpu - cpu))
            seen.note(f"{how}, KB", sum(wire) / 1000)
            context.close()


def _memory(server: Serving, seen: Seen) -> None:
    """Open fifty views, twice."""
    seen.note("memory before 50 pages, MB", server.memory)
    pages = ("overview", "agents", "campaigns", "timing", "regions")
    addresses = [f"/{page}?period={days}" for page in pages for days in ("7d", "28d", "90d")]
    for number in range(50):
        address = addresses[number % len(addresses)]
        httpx2.get(f"{server.address}{address}", headers={"Accept": "text/html"}, timeout=600)
        if number == len(addresses):
            seen.note("memory after each view once, MB", server.memory)
    seen.note("memory after 50 pages, MB", server.memory)


def _load(server: Serving, seen: Seen) -> None:
    for when in ("nothing asked before", "all asked before"):
        cpu, start = server.cpu, time.perf_counter()
        fared = crowd(server, people=50, seconds=60)
        took = time.perf_counter() - start
        for name, share in (("p50", 0.5), ("p95", 0.95)):
            seen.note(f"50 people, {when}, {name} ms", 1000 * quantile(fared.seconds, share))
        seen.note(f"50 people, {when}, p50 of new views ms", 1000 * quantile(fared.fresh, 0.5))
        seen.note(f"50 people, {when}, answers a second", len(fared.seconds) / took)
        share = 100 * len(fared.fresh) / max(1, len(fared.seconds))
        seen.note(f"50 people, {when}, share of new views %", share)
        seen.note(f"50 people, {when}, failed", fared.failed)
        seen.note(f"50 people, {when}, CPU s", server.cpu - cpu)
        seen.note(f"50 people, {when}, memory after MB", server.memory)
        for view in views(groups(server.address)):
            httpx2.get(f"{server.address}{view}", headers={"X-Part": "main"}, timeout=600)


_AIMS = {
    "cold transfer, KB": "420",
    "numbers visible, cold, ms": "545",
    "all charts, cold, ms": "1,082",
    "all charts, warm, ms": "429",
    "a new filter to new cards, ms": "217",
    "a new filter to the last chart, ms": "301",
    "a new filter, KB": "6",
    "a filter asked before to new cards, ms": "217",
    "a filter asked before to the last chart, ms": "301",
    "50 people, nothing asked before, p95 ms": "1,500",
    "50 people, all asked before, p95 ms": "1,500",
}


def _print(seen: Seen) -> None:
    print(f"| {'measured':50} | {'median':>10} | {'least':>10} | {'most':>10} | {'aim':>6} |")
    print("|---|---|---|---|---|")
    for name, values in seen.found.items():
        told = (f"{each:>10,.0f}" for each in _spread(values))
        print(f"| {name:50} | {' | '.join(told)} | {_AIMS.get(name, ''):>6} |")


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


if __name__ == "__main__":
    main()
