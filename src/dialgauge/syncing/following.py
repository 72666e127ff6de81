"""What does dialgauge.toml want read now?

A service reads it again at the start of each round. What it says then holds; while it cannot be
read, what it said before does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from dialgauge import config as settings
from dialgauge.config import Config
from dialgauge.errors import DialgaugeError, UsageError
from dialgauge.lake import Lake
from dialgauge.model.rules import Rules
from dialgauge.syncing.feed import Feed
from dialgauge.syncing.feeds import feeds_of

Key = tuple[str, str]
"""A feed by its source's name and its kind."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be read.

    Attributes:
        feeds: How rows come.
        rules: What the team decided about how things are counted.
    """

    feeds: Sequence[Feed]
    rules: Rules = field(default_factory=Rules)

    def by_key(self) -> dict[Key, Feed]:
        """Return the feeds by what does not change when settings do."""
        return {(feed.account.name, feed.kind): feed for feed in self.feeds}


@dataclass(slots=True, kw_only=True)
class Following:
    """Reads the settings each time it is called; not for several threads.

    Attributes:
        lake: Where rows go; a service keeps to one.
        config: The settings it began with, which name the file.
        names: The sources that were chosen; all when there are none.
        say: Told in a sentence what changed, and why the file cannot be read, once.
    """

    lake: Lake
    config: Config
    names: Sequence[str]
    say: Callable[[str], None]
    _plan: Plan | None = field(default=None, init=False)
    _said: str = field(default="", init=False)

    def __call__(self) -> Plan:
        """Return what is to be read now.

        Raises:
            UsageError: The settings it began with cannot be followed.
        """
        if self._plan is None:
            self._plan = self._of(self.config)
            return self._plan
        try:
            plan = self._read()
        except DialgaugeError as error:
            self._say_once(f"{error}; what it said before holds until it is mended")
            return self._plan
        self._said = ""
        if changes := ", ".join(_changes(self._plan, plan)):
            self.say(f"{self.config.root / settings.FILE} has changed: {changes}")
        self._plan = plan
        return plan

    def _read(self) -> Plan:
        path = self.config.root / settings.FILE
        now = settings.read(path)
        if now.lake != self.config.lake:
            raise UsageError(
                f"{path} names another lake, '{now.lake}'; end the service and start it again to "
                "read into that one"
            )
        return self._of(now)

    def _of(self, config: Config) -> Plan:
        chosen = [each for each in config.sources if not self.names or each.name in self.names]
        return Plan(feeds_of(self.lake, chosen), config.rules)

    def _say_once(self, sentence: str) -> None:
        if sentence != self._said:
            self.say(sentence)
        self._said = sentence


def _changes(before: Plan, after: Plan) -> Iterator[str]:
    old, new = before.by_key(), after.by_key()
    for key, feed in new.items():
        if key not in old:
            yield f"{_called(key)} begins"
        elif feed.account != old[key].account:
            yield f"{_called(key)} has new settings"
    for key in old:
        if key not in new:
            yield f"{_called(key)} ends"
    if before.rules != after.rules:
        yield "the rules are others"


def _called(key: Key) -> str:
    name, kind = key
    return name if kind == "fetch" else f"{name} (events)"
