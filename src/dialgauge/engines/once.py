"""How is the same work done once, however many ask for it?"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Once(Generic[Key, Made]):
    """What was made last, under all that it depends on.

    Who asks for something that is being made waits for that. A failure is not kept.

    Args:
        size: How much room something takes.
        most: How much room there is; what was not asked for longest goes first.
        at_once: How much is made at a time; the rest waits its turn, so that the first who ask
            have theirs soon, rather than all of them late.

    Example:
        >>> lengths = Once(size=lambda _: 1, most=2, at_once=1)
        >>> [lengths.of(word, lambda: len(word)) for word in ("one", "three", "one")]
        [3, 5, 3]
        >>> lengths.kept
        2
    """

    def __init__(self, *, size: Callable[[Made], int], most: int, at_once: int) -> None:
        self._size = size
        self._most = most
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._made: OrderedDict[Key, Future[Made]] = OrderedDict()
        self._held = 0

    @property
    def kept(self) -> int:
        """How many things are kept or being made."""
        return len(self._made)

    @property
    def held(self) -> int:
        """How much room they take."""
        return self._held

    def turn(self) -> threading.BoundedSemaphore:
        """Wait for a turn with something that shall not be kept, in a `with`."""
        return self._turns

    def of(self, key: Key, make: Callable[[], Made]) -> Made:
        """Give what is kept under a key, or make it now."""
        with self._lock:
            known = self._made.get(key)
            if known is None:
                mine: Future[Made] = Future()
                self._made[key] = mine
            else:
                self._made.move_to_end(key)
        if known is not None:
            return known.result()
        try:
            with self._turns:
                made = make()
        except BaseException as error:
            with self._lock:
                self._made.pop(key, None)
            mine.set_exception(error)
            raise
        mine.set_result(made)
        self._keep_within(self._size(made))
        return made

    def _keep_within(self, more: int) -> None:
        """Let what was not asked for longest go; what is being made stays."""
        with self._lock:
            self._held += more
            for key in [key for key, kept in self._made.items() if kept.done()]:
                if self._held <= self._most:
                    return
                self._held -= self._size(self._made.pop(key).result())
