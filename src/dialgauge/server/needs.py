"""What does a route take from its request?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, cast

from fastapi import Depends, Request

from dialgauge.gauge import Gauge
from dialgauge.server.forbidden import ForbiddenError
from dialgauge.server.site import Site
from dialgauge.server.viewer import May, Viewer


def site(request: Request) -> Site:
    """Give what the server knows."""
    return cast(Site, request.app.state.site)


def viewer(request: Request) -> Viewer:
    """Give who looks; `access` has found out before any route is reached."""
    return cast(Viewer, request.state.viewer)


SiteHere = Annotated[Site, Depends(site)]
ViewerHere = Annotated[Viewer, Depends(viewer)]


def gauge(here: SiteHere, who: ViewerHere) -> Gauge:
    """Give the gauge that answers this viewer."""
    return here.asking(who)


GaugeHere = Annotated[Gauge, Depends(gauge)]


def needs(what: May) -> Callable[[Viewer], None]:
    """Refuse who may not do something.

    Example:
        >>> from dialgauge.server.viewer import AT_HOME
        >>> needs(May.ASK)(AT_HOME)
    """

    def check(who: ViewerHere) -> None:
        if what not in who.may:
            raise ForbiddenError(what, who)

    return check
