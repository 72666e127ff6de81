"""Is a Java found for Spark wherever there is one, and never one that will not do?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dialgauge.engines.spark_java import java_home
from dialgauge.errors import EngineError

VECTORS = "jdk.incubator.vector"


def _java(folder: Path, version: str, modules: str) -> Path:
    """Make a folder that looks like a Java and says what it was called with."""
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    said = f'JAVA_VERSION="{version}"\nMODULES="{modules}"\n'
    (folder / "release").write_text(said, encoding="utf-8")
    return folder


def test_the_java_one_points_at_is_taken_as_it_is(tmp_path: Path) -> None:
    """JAVA_HOME wins when it is new enough and has what Spark asks for."""
    home = _java(tmp_path / "jdk", "21.0.8", f"java.base {VECTORS}")
    assert java_home(tmp_path / "script", {"JAVA_HOME": str(home)}) == home


def test_a_java_without_the_vector_module_is_not_asked_for_it(tmp_path: Path) -> None:
    """All other arguments arrive as they were, blanks and all."""
    home = _java(tmp_path / "a jdk", "17.0.9", "java.base java.sql")
    found = java_home(tmp_path / "script", {"JAVA_HOME": str(home)})
    arguments = ["-cp", "a b", f"--add-modules={VECTORS}", "", "Main"]
    said = subprocess.run(
        [found / "bin" / "java", *arguments], capture_output=True, text=True, check=True
    )
    assert said.stdout == "<-cp><a b><><Main>"


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_402"])
def test_an_old_java_is_passed_over(tmp_path: Path, version: str) -> None:
    """Spark 4 needs 17, so the one that PyPI brings is taken, and it starts."""
    old = _java(tmp_path / "old", version, f"java.base {VECTORS}")
    found = java_home(tmp_path / "script", {"JAVA_HOME": str(old)})
    said = subprocess.run(
        [found / "bin" / "java", f"--add-modules={VECTORS}", "-version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'version "' in said.stderr


def test_java_on_the_path_is_the_last_resort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without JAVA_HOME and without PyPI's, the program on the path leads to its home."""
    home = _java(tmp_path / "jdk", "17.0.15", f"java.base {VECTORS}")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "java").symlink_to(home / "bin" / "java")
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert java_home(tmp_path / "script", {"PATH": str(tmp_path / "link")}) == home


def test_no_java_at_all_is_one_sentence_with_a_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra brings one, or JAVA_HOME names one."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(EngineError) as raised:
        java_home(tmp_path, {"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path / "gone")})
    assert str(raised.value) == (
        "Spark needs Java 17 or newer and found none; pip install 'dialgauge[spark]' brings one, "
        "or set JAVA_HOME to where yours is"
    )


def test_without_pyspark_the_engine_says_how_to_get_it() -> None:
    """The extra is named, and nothing is imported before it is needed."""
    code = (
        "import sys; sys.modules['pyspark'] = None\n"
        "from dialgauge.engines.spark import SPARK, SparkEngine\n"
        "from dialgauge.errors import EngineError\n"
        "try: SparkEngine()\n"
        "except EngineError as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("the spark engine needs PySpark")
    assert said.stdout.endswith("install it with pip install 'dialgauge[spark]'\n")
