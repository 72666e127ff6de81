"""How does a request become a file?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI, Request, Response

from dialgauge.errors import UsageError
from dialgauge.model.csv_text import to_csv
from dialgauge.server.export.fonts import need_chinese
from dialgauge.server.export.pictures import png, svg
from dialgauge.server.export.report import report
from dialgauge.server.export.seen import Seen, as_record, only, sheets
from dialgauge.server.export.workbook import workbook
from dialgauge.server.needs import GaugeHere, SiteHere, needs
from dialgauge.server.pages.menu import PAGES
from dialgauge.server.pages.page import Page
from dialgauge.server.pages.routes import looked
from dialgauge.server.panels.panel import Panel, show
from dialgauge.server.trail import audit
from dialgauge.server.viewer import May

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def install(app: FastAPI) -> None:
    """Offer every page as a workbook and a report, and every panel as what it can be."""
    for page in PAGES:
        for form, (kind, write, whole) in _FORMS.items():
            app.get(
                f"/export{page.path}.{form}",
                include_in_schema=False,
                dependencies=[Depends(needs(page.needs)), Depends(needs(May.EXPORT))],
            )(_file(page, form, kind, write, whole))


def _file(
    page: Page, form: str, kind: str, write: Callable[[Seen], bytes], whole: Any
) -> Callable[..., Response]:
    def told(request: Request, here: SiteHere, gauge: GaugeHere, panel: str = "") -> Response:
        look, _ = looked(request, here, gauge)
        panels = page.panels(look)
        chosen: list[Panel] = list(panels) if whole and not panel else [only(panels, panel)]
        seen = Seen(
            heading=page.heading(look) or look.say.t(f"page.{page.name}"),
            look=look,
            panels=[(each, show(each, look)) for each in chosen],
            at=gauge.clock(),
        )
        content = write(seen)
        audit(request, "export", f"{form} {look.view.address}")
        name = f'attachment; filename="{seen.file_name}.{form}"'
        return Response(content, media_type=kind, headers={"Content-Disposition": name})

    return told


def _csv(seen: Seen) -> bytes:
    ((panel, shown),) = seen.panels
    found = sheets(shown, panel.name, seen.look.gauge.words.kpis)
    if not found:
        raise UsageError(shown.refusal or f"'{panel.name}' holds no table to take away")
    first = found[0]
    return to_csv([as_record(first, row) for row in first.rows]).encode()


def _png(seen: Seen) -> bytes:
    return png(_chart(seen))


def _svg(seen: Seen) -> bytes:
    return svg(_chart(seen)).encode()


def _chart(seen: Seen) -> Any:
    need_chinese(seen.look.say.language)
    ((panel, shown),) = seen.panels
    if shown.chart is None:
        raise UsageError(shown.refusal or f"'{panel.name}' has no chart; take CSV or Excel")
    return shown.chart


# Ending to media type, who writes it, and whether it can hold a whole page.
_FORMS: dict[str, tuple[str, Callable[[Seen], bytes], bool]] = {
    "csv": ("text/csv; charset=utf-8", _csv, False),
    "xlsx": (_EXCEL, workbook, True),
    "png": ("image/png", _png, False),
    "svg": ("image/svg+xml", _svg, False),
    "pdf": ("application/pdf", report, True),
}
