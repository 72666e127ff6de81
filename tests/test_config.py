"""Is the right lake found, and is every wrong setting told in one sentence?"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from dialgauge.config import Config, find, read, write_new
from dialgauge.errors import DialgaugeError, FileError, LakeError, UsageError
from dialgauge.model.rules import Rules


def settings(folder: Path, text: str = "") -> Path:
    """Write a settings file and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dialgauge.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_nearest_settings_upwards_are_taken(tmp_path: Path) -> None:
    """From a folder deep below, the nearest file counts and not one further up."""
    settings(tmp_path, 'timezone = "Asia/Tbilisi"')
    near = settings(tmp_path / "team", 'timezone = "Europe/Berlin"')
    deep = near / "reports" / "january"
    deep.mkdir(parents=True)
    assert find(deep, None, {}) == Config(root=near, lake=near, timezone="Europe/Berlin")


def test_the_option_wins_over_the_variable_and_that_over_the_nearest_file(tmp_path: Path) -> None:
    """--lake, else DIALGAUGE_LAKE, else the nearest file."""
    here, named, given = (settings(tmp_path / name) for name in ("here", "named", "given"))
    environment = {"DIALGAUGE_LAKE": str(named)}
    assert find(here, str(given), environment).lake == given
    assert find(here, None, environment).lake == named
    assert find(here, None, {}).lake == here
    assert find(here, None, {"DIALGAUGE_LAKE": ""}).lake == here


def test_a_named_folder_may_be_a_lake_itself(tmp_path: Path) -> None:
    """Without a settings file in it, the folder is the lake and all settings are as usual."""
    assert find(None, str(tmp_path), {}) == Config(root=tmp_path, lake=tmp_path)


def test_a_relative_name_is_seen_from_where_one_stands(tmp_path: Path) -> None:
    """`--lake data` names the folder in the starting folder."""
    (tmp_path / "data").mkdir()
    assert find(tmp_path, "data", {}).lake == tmp_path / "data"


def test_the_lake_key_is_seen_from_the_settings_file(tmp_path: Path) -> None:
    """`lake = "tables"` is a folder beside the file, from wherever it is read."""
    settings(tmp_path, 'lake = "tables"')
    found = find(Path("/"), str(tmp_path), {})
    assert (found.root, found.lake) == (tmp_path, tmp_path / "tables")


def test_all_settings_are_read(tmp_path: Path) -> None:
    """Every key that may be set reaches the configuration."""
    settings(
        tmp_path,
        'lake = "/data/lake"\ntimezone = "Asia/Kathmandu"\nweek_starts = "Sunday"\n'
        'vocabulary = ["ours.yaml", "more/theirs.yaml"]\n[engine]\nmemory = "500MB"\n'
        '[rules]\ncurrency = "eur"\nrate_days = 3\nattribution_days = 30\n'
        "inactive_after_days = 365\npass_mark = 1\nexpected_months = 24\n",
    )
    (tmp_path / "more").mkdir()
    for name in ("ours.yaml", "more/theirs.yaml"):
        (tmp_path / name).touch()
    assert find(tmp_path, None, {}) == Config(
        root=tmp_path,
        lake=Path("/data/lake"),
        timezone="Asia/Kathmandu",
        week_starts=7,
        vocabulary=(tmp_path / "ours.yaml", tmp_path / "more/theirs.yaml"),
        memory="500MB",
        rules=Rules(
            currency="EUR",
            rate_days=3,
            attribution_days=30,
            inactive_after_days=365,
            pass_mark=1.0,
            expected_months=24,
        ),
    )


@pytest.mark.parametrize(("written", "expected"), [('"monday"', 1), ('"SATURDAY"', 6), ("3", 3)])
def test_weekdays_are_names_or_numbers(tmp_path: Path, written: str, expected: int) -> None:
    """Weeks begin on a named day, or on 1 for Monday to 7 for Sunday."""
    settings(tmp_path, f"week_starts = {written}")
    assert find(tmp_path, None, {}).week_starts == expected


def test_the_usual_vocabulary_is_kpis_yaml_beside_the_settings(tmp_path: Path) -> None:
    """It is read when it exists, unless the settings list other files or none."""
    folder = settings(tmp_path)
    assert find(folder, None, {}).vocabulary == ()
    (folder / "kpis.yaml").touch()
    assert find(folder, None, {}).vocabulary == (folder / "kpis.yaml",)
    settings(folder, "vocabulary = []")
    assert find(folder, None, {}).vocabulary == ()


REFUSED = {
    'lakes = "x"': "unknown setting 'lakes'; did you mean 'lake'?",
    "lake = 5": "lake is 5; write a text in quotes",
    'lake = ""': "lake is empty; write a text in quotes",
    'timezone = "Europe/Berln"': "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?",
    'timezone = "../etc/passwd"': "unknown time zone '../etc/passwd'",
    "week_starts = 0": "week_starts is 0; write monday to sunday",
    "week_starts = true": "week_starts is true; write monday to sunday",
    'week_starts = "mondy"': "unknown week_starts 'mondy'; did you mean 'monday'?",
    'vocabulary = "kpis.yaml"': "vocabulary is 'kpis.yaml'; write a list of files",
    'vocabulary = ["gone.yaml"]': "gone.yaml', which is not a file",
    "engine = 4": "engine is 4; write a table: [engine]",
    "[engine]\nmemroy = 4": "unknown setting of [engine] 'memroy'; did you mean 'memory'?",
    '[engine]\nmemory = "lots"': "memory is 'lots'; write a size with its unit",
    "[engine]\nmemory = 4": "memory is 4; write a text in quotes",
    'rules = "EUR"': "rules is 'EUR'; write a table: [rules]",
    "[rules]\nrate_day = 3": "unknown setting of [rules] 'rate_day'; did you mean 'rate_days'?",
    '[rules]\ncurrency = "euro"': "currency is 'euro'; write the three letters of ISO 4217",
    "[rules]\ncurrency = 978": "currency is 978; write a text in quotes",
    "[rules]\nrate_days = -1": "rate_days is -1; write a whole number from 0 to 366",
    "[rules]\nrate_days = true": "rate_days is true; write a whole number from 0 to 366",
    "[rules]\nattribution_days = 4.5": "attribution_days is 4.5; write a whole number from 0 to",
    "[rules]\ninactive_after_days = 0": "inactive_after_days is 0; write a whole number from 1 to",
    '[rules]\ninactive_after_days = "never"': "inactive_after_days is 'never'; write a whole",
    "[rules]\npass_mark = 80": "pass_mark is 80; write a number from 0 to 1, such as 0.8",
    "[rules]\npass_mark = nan": "pass_mark is nan; write a number from 0 to 1, such as 0.8",
    "[rules]\npass_mark = false": "pass_mark is false; write a number from 0 to 1",
    "[rules]\nexpected_months = 0": "expected_months is 0; write a whole number from 1 to 120",
}


@pytest.mark.parametrize("text", REFUSED)
def test_a_wrong_setting_is_told_with_what_is_allowed(tmp_path: Path, text: str) -> None:
    """The sentence names the file, what is wrong and what is allowed."""
    settings(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        find(tmp_path, None, {})
    assert str(caught.value).startswith(f"{tmp_path / 'dialgauge.toml'}: ")
    assert REFUSED[text] in str(caught.value)
    assert caught.value.status == 2


@pytest.mark.parametrize("content", [b"lake = ", b"lake = '\xff'", b"lake = 1\nlake = 2"])
def test_what_is_not_toml_is_told_as_such(tmp_path: Path, content: bytes) -> None:
    """Broken TOML and broken UTF-8 name the file and never show a traceback's words."""
    (tmp_path / "dialgauge.toml").write_bytes(content)
    with pytest.raises(FileError, match="is not TOML in UTF-8"):
        find(tmp_path, None, {})


def test_a_missing_lake_says_what_to_do(tmp_path: Path) -> None:
    """Nothing near, a missing folder and a file in its place each say the next step."""
    (tmp_path / "file").touch()
    wrong: dict[str | None, str] = {
        None: "run `dialgauge init`",
        "gone": "that --lake names does not exist",
        "file": "that --lake names is a file, not a folder",
    }
    for name, told in wrong.items():
        with pytest.raises(LakeError, match=told):
            find(tmp_path, name, {})
    with pytest.raises(LakeError, match="that DIALGAUGE_LAKE names does not exist"):
        find(tmp_path, None, {"DIALGAUGE_LAKE": "gone"})


def test_new_settings_are_the_defaults_and_never_overwrite(tmp_path: Path) -> None:
    """What init writes means the same as no file; a second time it refuses and keeps the first."""
    folder = tmp_path / "new"
    path = write_new(folder)
    assert read(path) == Config(root=folder, lake=folder)
    path.write_text("# mine", encoding="utf-8")
    with pytest.raises(UsageError, match="is there already; nothing was changed"):
        write_new(folder)
    assert path.read_text(encoding="utf-8") == "# mine"


def test_new_settings_mention_every_key_and_say_where_secrets_belong(tmp_path: Path) -> None:
    """With its comments opened, the new file sets every setting there is."""
    text = write_new(tmp_path).read_text(encoding="utf-8")
    assert "passwords" in text
    (tmp_path / "kpis.yaml").touch()
    opened = re.sub(r"^# (\w+ = |\[)", r"\1", text, flags=re.MULTILINE)
    settings(tmp_path, opened)
    found = find(tmp_path, None, {})
    assert (found.vocabulary, found.memory) == ((tmp_path / "kpis.yaml",), "4GB")
    assert found.rules == Rules(currency="EUR", inactive_after_days=365)
    named = {field.name for field in fields(Config)} - {"root"} | {
        field.name for field in fields(Rules)
    }
    assert [name for name in named if not re.search(rf"^\[?{name}\b", opened, re.MULTILINE)] == []


def test_a_file_in_the_way_of_new_settings_is_told(tmp_path: Path) -> None:
    """A file where the folder should be is no traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(DialgaugeError):
        write_new(tmp_path / "file")
