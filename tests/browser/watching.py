"""How do tests look over the shoulder of a real browser?

A `Watched` page writes down everything that must not happen while somebody uses it: errors and
warnings on the console, broken scripts, answers that failed, requests to other machines, and what
the content security policy had to stop.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
)

CHROMIUM = Path("/usr/bin/chromium")
MISSING = (
    "Chromium is not installed: NOTHING was checked in a browser; on Debian: apt install chromium"
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, NARROW = 1440, 390
PASSWORD = "four words are long"
COMMAND = (sys.executable, "-m", "dialgauge")
PATIENCE_MS = 30_000

_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]
_GRAVE = ("serious", "critical")
_TELL = """addEventListener('securitypolicyviolation', e => console.error(
    `policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"""
_UNDRAWN = "body.busy, .chart:not([data-drawn])"
_STORED = """async () => [localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length]"""


@dataclass(slots=True)
class Served:
    """A server of one's own, and how to stop it.

    Attributes:
        process: It.
        address: Where it listens.
    """

    process: subprocess.Popen[str]
    address: str

    def stop(self) -> str:
        """End it as Ctrl-C does, and give what it complained about."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.communicate(timeout=60)[1]
        finally:
            self.process.kill()


def serve(lake: Path, database: Path) -> Served:
    """Start `dialgauge serve` on any free port."""
    process = subprocess.Popen(
        [*COMMAND, "--lake", str(lake), "serve", "--port", "0"],
        env=environment(database),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+", said)
    if found is None:
        process.kill()
        raise AssertionError(said + process.communicate()[1])
    return Served(process, found[0])


def environment(database: Path) -> dict[str, str]:
    """Give the variables under which a server keeps its own database."""
    own = {"DIALGAUGE_DATABASE_URL": f"sqlite:///{database}", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **own, "COLUMNS": "200"}


def run(*words: str, database: Path, typed: str = "") -> str:
    """Run a command and give what it printed."""
    done = subprocess.run(
        [*COMMAND, *words],
        env=environment(database),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@dataclass(slots=True)
class Watched:
    """A page that somebody uses.

    Attributes:
        page: It, as Playwright drives it.
        home: The address of the server.
        complaints: What happened that must not.
        failing: The statuses that are expected of the server.
    """

    page: Page
    home: str
    complaints: list[str] = field(default_factory=list)
    failing: frozenset[int] = frozenset()

    @classmethod
    def opened(cls, context: BrowserContext, home: str) -> Watched:
        """Open a page and watch it."""
        context.set_default_timeout(PATIENCE_MS)
        watched = cls(context.new_page(), home)
        page, host = watched.page, urlsplit(home).netloc

        def asked(request: Request) -> None:
            parts = urlsplit(request.url)
            if parts.scheme not in ("data", "blob") and parts.netloc != host:
                watched.complaints.append(f"asked elsewhere: {request.url}")

        def answered(response: Response) -> None:
            if response.status >= 400 and response.status not in watched.failing:
                watched.complaints.append(f"{response.status}: {response.url}")

        def failed(request: Request) -> None:
            if request.failure != "net::ERR_ABORTED":  # a newer filter overtook it, or a download
                watched.complaints.append(f"{request.failure}: {request.url}")

        def heard(message: ConsoleMessage) -> None:
            awaited = watched.failing and message.text.startswith("Failed to load resource")
            if message.type in ("error", "warning", "assert") and not awaited:
                watched.complaints.append(f"console: {message.text}")

        page.add_init_script(_TELL)
        page.on("request", asked)
        page.on("response", answered)
        page.on("requestfailed", failed)
        page.on("pageerror", lambda error: watched.complaints.append(f"script: {error}"))
        page.on("console", heard)
        return watched

    def open(self, path: str) -> Page:
        """Go to a page of the server and wait until all of it stands."""
        self.page.goto(self.home + path, wait_until="load")
        self.stands()
        return self.page

    def stands(self) -> None:
        """Wait until every chart is drawn and no filter is on its way."""
        expect(self.page.locator(_UNDRAWN)).to_have_count(0, timeout=PATIENCE_MS)

    def seen(self, *, width: int, scheme: Any) -> None:
        """Look from a screen of another width, at another time of day."""
        clear = "document.querySelectorAll('.chart').forEach(e => delete e.dataset.drawn)"
        changed = self.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        if changed != (scheme == "dark"):
            self.page.evaluate(clear)
            self.page.emulate_media(color_scheme=scheme)
        self.page.set_viewport_size({"width": width, "height": 900})
        self.stands()

    def fits(self) -> None:
        """Hold that nobody has to scroll sideways.

        Raises:
            AssertionError: The page is wider than the screen; names what sticks out.
        """
        over, who = self.page.evaluate(_OVER)
        assert over <= 0, f"{over}px wider than the screen: {who}"

    def accessible(self) -> list[str]:
        """List what axe finds that is serious or critical.

        All of the page is laid out for it: what is scrolled under a total is there all the same.
        """
        width = self.page.viewport_size["width"] if self.page.viewport_size else WIDE
        self.page.set_viewport_size({"width": width, "height": self.page.evaluate(_UNFOLDED)})
        options = {"runOnly": {"type": "tag", "values": _TAGS}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        return [
            f"{each['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
            for each in found
            if each["impact"] in _GRAVE
            for node in each["nodes"]
        ]

    def stored(self) -> Sequence[int]:
        """Count what the browser stores for the page beside cookies."""
        found: Sequence[int] = self.page.evaluate(_STORED)
        return found

    def text(self, selector: str) -> str:
        """Give what stands there, with single spaces."""
        return " ".join(self.page.locator(selector).first.inner_text().split())

    def drawn(self, selector: str) -> str:
        """Give the outlines of a chart as the browser drew them."""
        paths = "e => [...e.querySelectorAll('path')].map(p => p.getAttribute('d')).join(' ')"
        found: str = self.page.locator(selector).evaluate(paths)
        return found


_UNFOLDED = """() => {
    for (const each of document.querySelectorAll('.scroll')) each.style.maxHeight = 'none';
    return Math.min(16000, document.documentElement.scrollHeight + 200);
}"""
_OVER = """() => {
    const width = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - width;
    const inside = e => e.closest('.scroll, svg') !== null;
    const out = e => !inside(e) && e.getBoundingClientRect().right > width + 1;
    const told = e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 40)}`;
    const who = [...document.body.querySelectorAll('*')].filter(out).slice(0, 6).map(told);
    return [over, who.join(' | ')];
}"""


def visit(browser: Browser, home: str, **options: Any) -> Watched:
    """Come as somebody new, on a large screen by day, reading English; all of it may be changed."""
    wanted: Mapping[str, Any] = {
        "viewport": {"width": WIDE, "height": 900},
        "color_scheme": "light",
        "locale": "en-GB",
        "reduced_motion": "reduce",
        **options,
    }
    return Watched.opened(browser.new_context(**wanted), home)
