"""What stands around every page?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from dialgauge.lang import LANGUAGES
from dialgauge.model.question import Period
from dialgauge.server.needs import site, viewer
from dialgauge.server.pages import menu
from dialgauge.server.pages.calendar import Calendar, laid_out
from dialgauge.server.pages.choices import FILTERS, Choices
from dialgauge.server.pages.templates import environment
from dialgauge.server.site import Site
from dialgauge.server.speech import Speech, choose, speech
from dialgauge.server.view import ALL, DEFAULT_PRESET, MONTHS, PRESETS, View
from dialgauge.server.viewer import AT_HOME, May, Viewer
from dialgauge.store.views import View as KeptView

THEMES = ("light", "dark")
PARTS = ("main", "first")
"""What a script may ask of a page instead of all of it: what changes, or its first panel."""

KEPT = ("lang", "theme")
"""What an address may ask for once, and a cookie remembers."""

PERSONAL = ("who", "csrf", "kept_views", "open_house")
"""What a page knows of one reader alone, so that what others are shown must not hold it."""

_YEAR = 31_536_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """The frame of a page: menu, filters, language.

    Attributes:
        request: What was sent.
        say: The reader's language.
        theme: light, dark or '' for the system's wish.
        who: Who looks.
    """

    request: Request
    say: Speech
    theme: str
    who: Viewer

    def render(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """Fill a template and answer with it.

        Args:
            template: Its path below `templates`.
            status: The HTTP status.
            values: What it shows, beside what every page knows.
        """
        told = self.fill(template, **values)
        response = HTMLResponse(told, status_code=status, headers={"Vary": "X-Part, Cookie"})
        self._keep(response)
        return response

    def fill(self, template: str, leave_out: Collection[str] = (), **values: Any) -> Markup:
        """Fill a template.

        Args:
            template: Its path below `templates`.
            leave_out: What it must not know, although every page does.
            values: What it shows, beside what every page knows.
        """
        part = self.request.headers.get("x-part", "")
        known = self._known(values.get("view"))
        offered = {name: value for name, value in known.items() if name not in leave_out}
        template_found = environment().get_template(template)
        return Markup(template_found.render(**offered, part=part in PARTS, **values))  # noqa: S704 - escaped by the template

    def _known(self, view: View | None) -> dict[str, Any]:
        state = self.request.state
        return {
            "say": self.say,
            "t": self.say.t,
            "theme": self.theme,
            "themes": THEMES,
            "who": self.who,
            "may": {what.value: what in self.who.may for what in May},
            "csrf": getattr(state, "csrf", ""),
            "open_house": self.who is AT_HOME,
            "languages": LANGUAGES,
            "menu": menu.entries(self.who),
            "here": self.request.url.path,
            "kept_views": self._kept_views,
            "with_query": self._with_query,
            "shared": f"?{urlencode(view.shared_pairs)}" if view and view.shared_pairs else "",
        }

    def _kept_views(self) -> Sequence[KeptView]:
        """List the views that the reader kept or is shown by others."""
        return _site(self.request).store.views.list(self.who.user_id, self.who.teams)

    def _with_query(self, name: str, value: str) -> str:
        """Give what stands behind the question mark with one value changed."""
        kept = [each for each in self.request.query_params.multi_items() if each[0] not in KEPT]
        return urlencode([*kept, (name, value)])

    def _keep(self, response: Response) -> None:
        """Remember a language or a theme that the address asked for."""
        secure = _site(self.request).secure
        for name, allowed in (("lang", tuple(LANGUAGES)), ("theme", (*THEMES, "auto"))):
            asked = self.request.query_params.get(name, "")
            if asked in allowed:
                response.set_cookie(
                    name, asked, max_age=_YEAR, samesite="lax", secure=secure, httponly=True
                )


def shell(request: Request) -> Shell:
    """Read from a request how its page is framed."""
    asked, kept = request.query_params, request.cookies
    language = choose(
        asked.get("lang", ""), kept.get("lang", ""), request.headers.get("accept-language", "")
    )
    theme = asked.get("theme") or kept.get("theme", "")
    currency = _site(request).config.rules.currency
    return Shell(
        request=request,
        say=speech(language, currency),
        theme=theme if theme in THEMES else "",
        who=viewer(request),
    )


def refusal_page(request: Request, status: int, sentence: str) -> HTMLResponse:
    """Tell a refusal as a page."""
    return shell(request).render("refusal.html", status, sentence=sentence, status_code=status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The bar of filters above a page.

    Attributes:
        days: The days that are shown, in words.
        presets: Name, text, address and whether it is chosen, of each preset.
        versus: The same of each comparison.
        lists: Dimension, its name, and its groups.
        chips: What is filtered, and the address without it.
        hidden: What the form must carry along.
        reset: The address without any filter.
        calendar: Two months to choose days from.
    """

    days: str
    start: str
    end: str
    presets: Sequence[tuple[str, str, str, bool]]
    versus: Sequence[tuple[str, str, bool]]
    lists: Sequence[Mapping[str, Any]]
    chips: Sequence[tuple[str, str]]
    hidden: Sequence[tuple[str, str]]
    reset: str
    calendar: Calendar


def filters(view: View, say: Speech, choices: Choices) -> Filters:
    """Lay out the filters of a view."""
    presets = [
        (name, say.t(f"period.{name}"), replace(view, preset=name).address, name == view.preset)
        for name in (*PRESETS, *MONTHS, ALL)
    ]
    versus = [
        (name, say.t(f"versus.{name}"), name == (view.versus or "none"))
        for name in ("previous", "year", "none")
    ]
    if isinstance(view.versus, Period):
        text = f"{view.versus.start}..{view.versus.end}"
        versus.append((text, say.period(view.versus), True))
    return Filters(
        calendar=laid_out(view, choices.newest, say),
        days=say.period(view.period),
        start=view.period.start.isoformat() if view.period.start else "",
        end=_last(view.period),
        presets=presets,
        versus=versus,
        lists=[_list(name, view, say, choices) for name in _shown(view, choices)],
        chips=_chips(view, say),
        hidden=_hidden(view),
        reset=View(path=view.path, period=view.period, preset=view.preset, rest=view.rest).address,
    )


def _shown(view: View, choices: Choices) -> list[str]:
    known = [name for name in FILTERS if choices.groups.get(name)]
    more = [*choices.segments, *view.filters]
    return list(dict.fromkeys([*known, *more]))


def _list(name: str, view: View, say: Speech, choices: Choices) -> Mapping[str, Any]:
    kept = view.filters.get(name, ())
    groups = [*choices.groups.get(name, ()), *(g for g in kept if g is not None)]
    chosen = [say.key(name, group) for group in kept]
    return {
        "name": name,
        "title": say.texts.dimension(name),
        "groups": [(group, say.key(name, group), group in kept) for group in dict.fromkeys(groups)],
        "unknown": None in kept,
        "chosen": chosen[0] if len(chosen) == 1 else "",
        "count": len(chosen),
    }


def _chips(view: View, say: Speech) -> list[tuple[str, str]]:
    found = []
    for name, kept in view.filters.items():
        for group in kept:
            rest = tuple(each for each in kept if each != group)
            text = f"{say.texts.dimension(name)}: {say.key(name, group)}"
            found.append((text, view.with_filter(name, *rest).address))
    for condition in view.where:
        rest_where = tuple(each for each in view.where if each != condition)
        found.append((condition, replace(view, where=rest_where).address))
    return found


def _hidden(view: View) -> list[tuple[str, str]]:
    own = [("where", text) for text in view.where]
    if view.preset and view.preset != DEFAULT_PRESET:
        own.append(("period", view.preset))
    if view.grain:
        own.append(("grain", view.grain.value))
    if view.clock:
        own.append(("clock", view.clock))
    return [*own, *((name, value) for name, values in view.rest.items() for value in values)]


def _last(period: Period) -> str:
    return (period.end - dt.timedelta(days=1)).isoformat() if period.end else ""


def _site(request: Request) -> Site:
    return site(request)
