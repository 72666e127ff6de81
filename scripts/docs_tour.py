"""How does the dashboard look, as pictures for the guided tour?

    python scripts/docs_tour.py LAKE     writes docs/tour/*.png from the demo's lake

Opens each view of the tour in Chromium (Debian's package) and takes its picture. Run it by hand
when pages have changed, and look at what came out.
"""

from __future__ import annotations

import io
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parents[1] / "docs" / "tour"
PORT = 8767
BASE = f"http://127.0.0.1:{PORT}"
_CHROMIUM = "/usr/bin/chromium"
_QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_COLOURS = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A picture of the tour.

    Attributes:
        name: The file's name.
        address: What is opened.
        dark: Whether by night.
        width: Of the window, in pixels.
        height: How much of the page is shown; the whole one when 0.
        at: The panel that the picture is of; the whole page when empty.
    """

    name: str
    address: str
    dark: bool = False
    width: int = 1280
    height: int = 900
    at: str = ""


TOUR = (
    View(name="overview", address="/overview?lang=en"),
    View(name="what-moved-it", address="/kpi/contact_rate?lang=en", at="moved"),
    View(name="explore", address="/explore?campaign=energy&lang=en", height=1000),
    View(name="timing", address="/timing?lang=en", height=1180),
    View(name="agents", address="/agents?lang=en", height=860),
    View(name="money", address="/money?lang=en", height=860),
    View(name="rows", address="/rows?kpi=conversions&lang=en", height=560),
    View(name="health", address="/health?lang=en", height=620),
    View(name="georgian-dark", address="/overview?lang=ka", dark=True),
    View(name="phone", address="/overview?lang=zh", width=390, height=844),
)
"""What is pictured, in the order of the tour."""


def main(lake: str) -> None:
    """Serve a lake and take every picture."""
    FOLDER.mkdir(exist_ok=True)
    serving = subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "dialgauge", "--lake", lake, "serve", "--port", str(PORT)]
    )
    try:
        _wait()
        with sync_playwright() as started:
            browser = started.chromium.launch(executable_path=_CHROMIUM, args=list(_QUIET))
            for view in TOUR:
                page = browser.new_page(
                    viewport={"width": view.width, "height": view.height},
                    color_scheme="dark" if view.dark else "light",
                )
                _take(page, view)
                page.close()
            browser.close()
    finally:
        serving.terminate()
        serving.wait()


def _take(page: Page, view: View) -> None:
    page.goto(BASE + view.address, wait_until="networkidle")
    page.wait_for_timeout(800)  # the last chart is drawn after the network is quiet
    part = page.locator(f"#{view.at}") if view.at else None
    picture = part.screenshot() if part else page.screenshot()
    path = FOLDER / f"{view.name}.png"
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(_COLOURS).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size // 1000} KB")


def _wait() -> None:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"{BASE}/api/v1/readyz", timeout=5).close()  # noqa: S310 - ours
        except OSError:
            time.sleep(0.3)
        else:
            return


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("name the demo's lake, such as: python scripts/docs_tour.py dialgauge-demo")
    main(sys.argv[1])
