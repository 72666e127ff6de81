"""Is it understood which systems are connected, and is no secret ever in a file?"""

from __future__ import annotations

from pathlib import Path

import keyring
import keyring.backend
import pytest

from dialgauge import config
from dialgauge.accounts import (
    duration,
    find_secret,
    keep_secret,
    read_accounts,
    secrets_of,
    variable,
)
from dialgauge.errors import UsageError


def settings(tmp_path: Path, text: str) -> Path:
    """Write a settings file."""
    path = tmp_path / "dialgauge.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_system_is_read_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    """Settings of its own stand apart from those that every system has."""
    (tmp_path / "words.toml").touch()
    found = config.read(
        settings(
            tmp_path,
            '[sources.pbx]\nsystem = "asterisk"\ntimezone = "Asia/Tbilisi"\nurl = "x"\nport = 5\n'
            "[sources.pbx.options]\nextension_length = 4\n"
            '[sources.web]\nsystem = "files"\ntable = "calls"\nmapping = "words.toml"\n'
            'hook = true\nhook_every = "30s"\n',
        )
    )
    pbx, web = found.sources
    assert (pbx.name, pbx.system, pbx.timezone, pbx.hook) == (
        "pbx",
        "asterisk",
        "Asia/Tbilisi",
        False,
    )
    assert dict(pbx.settings) == {"url": "x", "port": 5}
    assert dict(pbx.options) == {"extension_length": "4"}
    assert (web.table, web.mapping, web.hook) == ("calls", tmp_path / "words.toml", True)
    assert (web.hook_every_s, dict(web.settings)) == (30, {})


WRONG = {
    "sources = 1": "sources is no table; write one for each system, such as [sources.pbx]",
    "[sources]\npbx = 1": "sources.pbx is no table; write [sources.pbx] and below it",
    "[sources.Pbx]": "'Pbx' cannot be the name of a source;",
    '[sources."a/b"]': "'a/b' cannot be the name of a source;",
    "[sources.pbx]": "[sources.pbx] does not say which system it is; write system =",
    '[sources.pbx]\nsystem = "asteriks"': "unknown system 'asteriks'; did you mean 'asterisk'?",
    '[sources.pbx]\nsystem = "asterisk"\ntimezone = "Mars"': "unknown time zone 'Mars'",
    '[sources.pbx]\nsystem = "asterisk"\nhook = true': "but asterisk sends no events that are",
    '[sources.pbx]\nsystem = "files"\nhook = "yes"': "hook of [sources.pbx] is not true or false",
    '[sources.pbx]\nsystem = "files"\nhook_every = "x"': "'x' is not how often;",
    '[sources.pbx]\nsystem = "files"\ntabel = "x"': "unknown setting of [sources.pbx] 'tabel'; did",
    '[sources.pbx]\nsystem = "files"\nhook = true': "write the table they belong to, such as table",
    '[sources.pbx]\nsystem = "files"\nmapping = "none.toml"': "which is no file; make it",
    '[sources.pbx]\nsystem = "asterisk"\noptions = 1': "the options of [sources.pbx] are no table",
    '[sources.pbx]\nsystem = "asterisk"\n[sources.pbx.options]\nx = [1]': "is no text; write it",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    """In one sentence that names the file and says what is allowed."""
    with pytest.raises(UsageError) as refused:
        config.read(settings(tmp_path, text))
    assert WRONG[text] in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "dialgauge.toml"))


SECRETS = (
    'password = "hunter2"',
    'api_key = "hunter2"',
    'apikey = "hunter2"',
    'access-token = "hunter2"',
    'client_secret = "hunter2"',
    "pwd = 2222222",
    'url = "mysql://reader:hunter2@pbx/asterisk"',
    'url = "mysql+pymysql://reader:hunter2@[::1]:3306/asterisk?charset=utf8"',
    'urls = ["https://one", "https://u:hunter2@two"]',
    'url = "https://api.example.com/calls?account=1&token=hunter2"',
)


@pytest.mark.parametrize("line", SECRETS)
@pytest.mark.parametrize("part", ["", "[sources.pbx.options]\n"])
def test_secrets_in_the_file_are_refused_and_not_repeated(
    tmp_path: Path, line: str, part: str
) -> None:
    """The sentence says in which variable it belongs; the secret does not stand in it."""
    with pytest.raises(UsageError) as refused:
        config.read(settings(tmp_path, f'[sources.pbx]\nsystem = "asterisk"\n{part}{line}\n'))
    assert "DIALGAUGE_PBX_" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "2222222" not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [
        'url = "mysql://reader@pbx/asterisk"',
        'url = "https://api.example.com/calls?page=1"',
        'key_column = "uniqueid"',
        'note = "see 10:30@office"',
        "tokens = false",
    ],
)
def test_what_is_no_secret_is_none(line: str, tmp_path: Path) -> None:
    """Addresses without a password, and words that only resemble one."""
    assert config.read(settings(tmp_path, f'[sources.pbx]\nsystem = "asterisk"\n{line}\n')).sources


class _Box(keyring.backend.KeyringBackend):
    """A keyring in memory, beside those that desktops have."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_secrets_come_from_the_environment_and_then_from_the_keyring(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where there is neither, the sentence names both."""
    monkeypatch.delenv("DIALGAUGE_PBX_PASSWORD", raising=False)
    before = keyring.get_keyring()
    box = _Box()
    keyring.set_keyring(box)
    try:
        with pytest.raises(UsageError) as missing:
            secrets_of("pbx")("password")
        assert str(missing.value).startswith(
            "the password of 'pbx' is not known; give it in the variable DIALGAUGE_PBX_PASSWORD, "
            "or keep it in the system's keyring as 'pbx password' of the service 'dialgauge'"
        )
        assert keep_secret("pbx", "password", "kept")
        assert box.kept == {("dialgauge", "pbx password"): "kept"}
        assert secrets_of("pbx")("password") == "kept"
        monkeypatch.setenv("DIALGAUGE_PBX_PASSWORD", "said")
        assert find_secret("pbx", "password") == "said"
    finally:
        keyring.set_keyring(before)


def test_a_machine_without_a_keyring_keeps_nothing() -> None:
    """A service on a server has none; nothing is raised."""
    from keyring.backends import fail  # noqa: PLC0415 - what keyring itself uses there

    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    try:
        assert not keep_secret("pbx", "password", "x")
        assert find_secret("pbx", "password") == ""
    finally:
        keyring.set_keyring(before)


def test_durations_are_read() -> None:
    """From five seconds to a week."""
    assert [duration(text) for text in ("5s", "90 S", "5m", "2h", "7d")] == [
        5,
        90,
        300,
        7200,
        604800,
    ]
    for wrong in ("", "5", "m", "4s", "8d", "1.5h", "-5m", "5m5s"):
        with pytest.raises(UsageError, match="is not how often"):
            duration(wrong)


def test_names_of_variables_are_plain() -> None:
    """Capitals, digits and underscores."""
    assert variable("crm_eu", "refresh_token") == "DIALGAUGE_CRM_EU_REFRESH_TOKEN"
    assert read_accounts(Path(), {}) == ()
