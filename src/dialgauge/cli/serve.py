"""`dialgauge serve`: where can the team see it?"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dialgauge.cli.opening import configuration
from dialgauge.cli.table import console
from dialgauge.config import Config
from dialgauge.errors import StoreError, UsageError
from dialgauge.front import application_database, configured

if TYPE_CHECKING:
    from dialgauge.server.site import Oidc, Site
    from dialgauge.store import Store

OIDC_SECRET = "DIALGAUGE_OIDC_SECRET"  # noqa: S105 - the variable's name
_GRACE_S = 5


def command(*, host: str = "127.0.0.1", port: int = 8000, public_url: str | None = None) -> None:
    """Serve the dashboard and the API until Ctrl-C.

    Args:
        host: On which of this machine's addresses to listen; 0.0.0.0 for all of them.
        port: On which port; 0 for any that is free.
        public_url: Under which address people reach it, such as https://gauge.example.com.
    """
    config = configuration()
    wanted = Listening.read(host, port, public_url or config.server.public_url)
    config = replace(config, server=replace(config.server, public_url=wanted.public_url))
    run(config, wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a server listens, and what people call it.

    Attributes:
        host: The address.
        port: The port; 0 for any.
        public_url: What people type; empty when only this machine may.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = ""

    @classmethod
    def read(cls, host: str, port: int, public_url: str) -> Listening:
        """Check what was typed.

        Raises:
            UsageError: The port or the address cannot be used.
        """
        if not 0 <= port <= 65_535:
            raise UsageError(f"--port {port} is no port; allowed: 0 to 65535, 0 for any free one")
        parts = urlsplit(public_url)
        if public_url and (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.path not in ("", "/")
        ):
            raise UsageError(
                f"--public-url '{public_url}' is not an address; write it as "
                "https://gauge.example.com, without a path"
            )
        found = cls(host=host, port=port, public_url=public_url.rstrip("/"))
        if found.everywhere and not public_url:
            raise UsageError(
                f"--host {host} listens on every address of this machine; say what people call it, "
                "for example with --public-url https://gauge.example.com"
            )
        return found

    @property
    def everywhere(self) -> bool:
        """Whether it listens on all addresses."""
        return self.host in ("0.0.0.0", "::", "")  # noqa: S104 - looked for, not bound

    @property
    def here_only(self) -> bool:
        """Whether nobody but this machine can reach it."""
        if self.public_url:
            return False
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which it may be called."""
        from dialgauge.server.site import LOOPBACK  # noqa: PLC0415 - an extra

        said = urlsplit(self.public_url).hostname
        own = () if self.everywhere else (self.host,)
        return tuple(dict.fromkeys((*LOOPBACK, *own, *((said,) if said else ()))))


def run(config: Config, wanted: Listening) -> None:
    """Serve a lake until Ctrl-C.

    Args:
        config: The lake's settings.
        wanted: Where to listen.

    Raises:
        UsageError: The port is taken, or others could come in and there are no users.
    """
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from dialgauge.server.app import create_app  # noqa: PLC0415 - an extra
        from dialgauge.server.pages.routes import first_page  # noqa: PLC0415 - an extra
        from dialgauge.server.static import charts  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise StoreError(
            f"the dashboard needs {error.name}, which is not installed; run: "
            'pip install "dialgauge[server]"'
        ) from error
    store = application_database(config)
    try:
        site = site_of(config, store, wanted)
        with _listening(wanted) as bound:
            _tell(bound, site, wanted)
            # The first page waits for nothing: the chart library is bundled meanwhile.
            threading.Thread(target=charts, daemon=True).start()
            app = create_app(site)
            app.state.foresight.start(lambda: first_page(app, site))
            settings = uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,  # addresses hold filters, and so names
                server_header=False,
                timeout_graceful_shutdown=_GRACE_S,
            )
            try:
                uvicorn.Server(settings).run(sockets=[bound])
            except KeyboardInterrupt:  # how a server ends
                console().print("stopped", style="dim")
            finally:
                app.state.foresight.stop()
    finally:
        store.close()


def site_of(config: Config, store: Store, wanted: Listening) -> Site:
    """Put together what the server needs to know.

    Args:
        config: The lake's settings.
        store: The application database.
        wanted: Where it listens.

    Raises:
        UsageError: Others could come in, and there are no users.
    """
    from dialgauge.server.site import Site, steady  # noqa: PLC0415 - an extra

    users = store.users.count()
    if not wanted.here_only and not users:
        raise UsageError(
            "others could reach this server, and there are no users yet; add the first with "
            "`dialgauge users add NAME --role owner`, then start it again"
        )
    return Site(
        gauge=steady(configured(config)),
        config=config,
        store=store,
        hosts=wanted.names,
        login=users > 0,
        secure=wanted.public_url.startswith("https://"),
        oidc=_oidc(config),
    )


def _oidc(config: Config) -> Oidc | None:
    from dialgauge.server.site import Oidc  # noqa: PLC0415 - an extra

    if not config.server.oidc_issuer:
        return None
    secret = os.environ.get(OIDC_SECRET, "")
    if not secret:
        raise UsageError(
            f"dialgauge.toml names the log-in service {config.server.oidc_issuer}; give its "
            f"secret in the variable {OIDC_SECRET}"
        )
    return Oidc(
        issuer=config.server.oidc_issuer,
        client_id=config.server.oidc_client_id,
        client_secret=secret,
        label=config.server.oidc_label,
    )


def _listening(wanted: Listening) -> socket.socket:
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    try:
        return socket.create_server((wanted.host, wanted.port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UsageError(
                f"port {wanted.port} is taken; choose another with --port, such as --port "
                f"{wanted.port + 1}, or 0 for any that is free"
            ) from error
        raise UsageError(
            f"{wanted.host} port {wanted.port} cannot be listened on: {error.strerror}; choose "
            "another --host or --port"
        ) from error


def _tell(bound: socket.socket, site: Site, wanted: Listening) -> None:
    from dialgauge.server.intake import not_ready  # noqa: PLC0415 - an extra

    to = console()
    port = bound.getsockname()[1]
    name = "127.0.0.1" if wanted.everywhere else wanted.host
    name = f"[{name}]" if ":" in name else name
    address = wanted.public_url or f"http://{name}:{port}"
    to.print(f"the dashboard is at {address}/ and the API at {address}/api/v1; Ctrl-C ends it")
    if not site.login:
        to.print("there are no users: everyone on this machine is its owner", style="yellow")
    for sentence in not_ready(site.config):
        to.print(sentence, style="yellow")
    if wanted.public_url and not site.secure:
        to.print(
            "passwords travel unencrypted; put a server with TLS in front of it and say "
            "--public-url https://...",
            style="yellow",
        )
