"""Where does what lie in a lake's folder?

One Delta table a canonical table, in the folder of its name (`LAKE/calls`), so that Spark, Polars
and BI tools read it as it is. What only dialgauge needs is in the hidden folder `_dialgauge`:

- `format.json`: what this folder is, and in which version of the layout
- `snapshots/00000012.json`: the manifest of one whole state over all tables
- `lock`: held by the one writer
- `pending.json`: what an unfinished write has begun, so that the next writer can tidy up
- `findings.json`: what the last check of the data found, and in which version
- `scratch/`: what queries spill when they outgrow memory
- `phone.key`: the secret with which phone numbers become tokens
- `vault.db`: the numbers themselves, encrypted, where the team keeps them
- `forgotten.json`: by which marks people who were erased are known again; it names nobody
- `sync/pbx/`: of each system that is read while it runs, where reading stopped, what was read or
  sent and is not in the tables yet, and how the last time went

Paths are texts. Only local disks are served so far: the lock and the manifests' atomic names need
what object stores do not offer in this form.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from dialgauge.errors import LakeError
from dialgauge.lake import disk

FORMAT = 1
"""The version of the layout this package writes."""

_HIDDEN = "_dialgauge"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one lake.

    Attributes:
        root: The lake's folder, absolute.

    Example:
        >>> Layout("/data/lake").table("calls")
        '/data/lake/calls'
    """

    root: str

    def table(self, name: str) -> str:
        """Return the folder of a table."""
        return f"{self.root}/{name}"

    @property
    def hidden(self) -> str:
        """The folder of the bookkeeping."""
        return f"{self.root}/{_HIDDEN}"

    @property
    def snapshots(self) -> str:
        """The folder of the manifests."""
        return f"{self.hidden}/snapshots"

    @property
    def scratch(self) -> str:
        """The folder under which each connection has one to spill into."""
        return f"{self.hidden}/scratch"

    @property
    def lock(self) -> str:
        """The file that the one writer holds."""
        return f"{self.hidden}/lock"

    @property
    def pending(self) -> str:
        """The file that names an unfinished write."""
        return f"{self.hidden}/pending.json"

    @property
    def findings(self) -> str:
        """The file of what the last check found."""
        return f"{self.hidden}/findings.json"

    @property
    def format(self) -> str:
        """The file that says what the folder is."""
        return f"{self.hidden}/format.json"

    @property
    def phone_key(self) -> str:
        """The file of the lake's secret."""
        return f"{self.hidden}/phone.key"

    @property
    def vault(self) -> str:
        """The file of the encrypted phone numbers."""
        return f"{self.hidden}/vault.db"

    @property
    def forgotten(self) -> str:
        """The file of the marks of people who were erased."""
        return f"{self.hidden}/forgotten.json"

    def sync(self, name: str) -> str:
        """Return the folder of a system that is read while it runs."""
        return f"{self.hidden}/sync/{name}"


def create(root: str) -> Layout:
    """Lay out an empty lake in a folder, which is made when it does not exist.

    Raises:
        LakeError: The folder is a lake already, or cannot be written.
    """
    layout = Layout(disk.absolute(root))
    if disk.exists(layout.format):
        raise LakeError(f"'{root}' is a lake already; open it, or choose another folder.")
    try:
        disk.make_folder(layout.snapshots)
        disk.make_folder(layout.scratch)
        if not disk.exists(layout.phone_key):
            disk.write(layout.phone_key, secrets.token_hex(32), mode=0o600)
        # Last, because it is what makes the folder a lake: an interrupted creation starts over.
        disk.write(layout.format, json.dumps({"dialgauge": "lake", "format": FORMAT}))
    except OSError as error:
        raise LakeError(
            f"cannot make a lake in '{root}': {error.strerror}; choose a folder you may write to."
        ) from error
    return layout


def check(root: str) -> Layout:
    """Return the paths of an existing lake.

    Raises:
        LakeError: The folder is no lake, or one of a newer dialgauge.
    """
    layout = Layout(disk.absolute(root))
    try:
        found = json.loads(disk.read(layout.format))["format"]
    except (FileNotFoundError, NotADirectoryError):
        raise LakeError(
            f"'{root}' is no lake; make one with `dialgauge init`, or name another with --lake."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"the lake '{root}' is damaged: '{layout.format}' cannot be read;"
            ' a lake of this version has {"dialgauge": "lake", "format": 1} there.'
        ) from error
    if not isinstance(found, int) or found > FORMAT:
        raise LakeError(
            f"the lake '{root}' has format {found}, and this dialgauge reads up to {FORMAT};"
            " install a newer dialgauge."
        )
    return layout
