"""`dialgauge mcp`: how does an assistant ask?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from dialgauge.cli.opening import configuration, open_gauge
from dialgauge.errors import EngineError, ForbiddenError, UsageError
from dialgauge.front import application_database, configured

if TYPE_CHECKING:
    from dialgauge.gauge import Gauge
    from dialgauge.server.mcp import Catalogue
    from dialgauge.server.viewer import Viewer


def command(
    *,
    as_user: Annotated[str | None, Parameter(name="--as")] = None,
    url: str | None = None,
    token_env: str = "DIALGAUGE_TOKEN",  # noqa: S107 - the variable's name
) -> None:
    """Answer an assistant over standard input and output, as the Model Context Protocol has it.

    It can list and explain KPIs, ask them, and look at a few rows; phone tokens are masked.

    Args:
        as_user: Whose rows it sees: a user of the dashboard; all rows without it.
        url: Ask a server, such as https://gauge.example.com, instead of the lake here.
        token_env: The environment variable that holds the token for the server.
    """
    try:
        from dialgauge.server.mcp import serve  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineError(
            f"an assistant needs {error.name}, which is not installed; run: "
            'pip install "dialgauge[server]"'
        ) from error
    if url is not None and as_user is not None:
        raise UsageError("--as is for a lake here; on a server the token says who asks")
    catalogue = _here(as_user) if url is None else _there(url, token_env)
    serve(catalogue).run("stdio")


def _here(as_user: str | None) -> Catalogue:
    from dialgauge.server.mcp import Here  # noqa: PLC0415 - an extra
    from dialgauge.server.viewer import AT_HOME  # noqa: PLC0415

    if as_user is not None:
        return _as(as_user)
    gauge, config = open_gauge()
    return Here(lambda: (gauge, AT_HOME), config)


def _as(name: str) -> Catalogue:
    """Ask as a user of the dashboard, who may be kept out or changed at any time."""
    from dialgauge.server.access.door import viewer_of  # noqa: PLC0415 - an extra
    from dialgauge.server.mcp import Here  # noqa: PLC0415
    from dialgauge.server.site import Site  # noqa: PLC0415

    config = configuration()
    store = application_database(config)
    site = Site(gauge=configured(config), config=config, store=store)

    def looking() -> tuple[Gauge, Viewer]:
        user = store.users.by_name(name)
        if user.disabled:
            raise ForbiddenError(f"'{name}' is kept out; an owner can let them in under Users")
        viewer = viewer_of(user)
        return site.asking(viewer), viewer

    looking()  # whoever is not known is told at once
    return Here(looking, config)


def _there(url: str, token_env: str) -> Catalogue:
    from dialgauge import remote  # noqa: PLC0415 - an extra
    from dialgauge.server.mcp import There  # noqa: PLC0415

    token = os.environ.get(token_env)
    if token is None:
        raise UsageError(
            f"the variable {token_env} is not set; put a token of the server there, made under "
            "Tokens, or name another variable with --token-env"
        )
    return There(remote.connect(url, token))
