"""What does a server know that every request needs?"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dialgauge.catalogue.user import extend
from dialgauge.config import Config
from dialgauge.engines.remembering import RememberingEngine
from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.server.viewer import Viewer

if TYPE_CHECKING:
    from dialgauge.store import Store

_MINUTES = 5

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names under which nobody but this machine reaches a server."""


def steady(gauge: Gauge) -> Gauge:
    """Let a gauge answer many: what was asked is remembered, and its clock moves in steps.

    Many questions name the moment of asking, so that a clock of microseconds would make each a
    question of its own.
    """

    def clock(now: Callable[[], dt.datetime] = gauge.clock) -> dt.datetime:
        at = now()
        return at.replace(minute=at.minute // _MINUTES * _MINUTES, second=0, microsecond=0)

    return replace(gauge, engine=RememberingEngine(gauge.engine), clock=clock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Oidc:
    """The team's own log-in service, which speaks OpenID Connect.

    Attributes:
        issuer: Its address, under which `/.well-known/openid-configuration` is found.
        client_id: The name under which it knows this server.
        client_secret: Comes from the environment, never from a file.
        label: What the button says.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Site:
    """Everything a request may need, made once when the server starts.

    Attributes:
        gauge: Answers without row rules; `asking` gives the one for a viewer.
        config: The settings of the lake.
        store: The application database: users, views, annotations, audit.
        hosts: The names under which the server may be called; others are refused.
        login: Whether people must log in; only a server on loopback without users may do without.
        secure: Whether people reach the server through TLS, so that cookies say so.
        oidc: The team's log-in service, if there is one.
    """

    gauge: Gauge
    config: Config
    store: Store
    hosts: tuple[str, ...] = LOOPBACK
    login: bool = False
    secure: bool = False
    oidc: Oidc | None = None

    def asking(self, viewer: Viewer) -> Gauge:
        """Give the gauge that answers a viewer: with the row rules, segments and targets of now.

        Raises:
            UsageError: Nobody has said which rows the viewer may see.
        """
        decided = self.store.decisions()
        return replace(
            self.gauge,
            words=self.words(decided.segments),
            guard=(*self.gauge.guard, *viewer.guard),
            more_targets=decided.targets,
        )

    @functools.lru_cache(maxsize=4)  # noqa: B019 - a site lives as long as its process
    def words(self, segments: str) -> Vocabulary:
        """Add the segments that were made in the dashboard, as YAML, to the words of the lake."""
        own = self.gauge.words
        if not segments:
            return own
        try:
            return extend(own, {"segments made in the dashboard": segments})
        except UsageError as error:
            # A name was declared in a file after it was used here: the file wins, pages go on.
            logging.getLogger(__name__).warning("segments of the dashboard are left out: %s", error)
            return own
