"""How do the rows of systems that run get into the lake, again and again?

Two ways lead there, and each is a feed: `fetch` asks the system for what is new, `hook` is what it
sends by itself. Either way pages are spooled, taken in as an import is, and only then does the
feed go on from behind them, so that a crash at any moment loses and doubles nothing:

    system  ->  fetch   ->            pages  ->  spool  ->  take_in  ->  cursors are kept
    system  ->  /api/v1/hooks  ->  log  ->  pages  ->  ...

`feed` is one such round, `feeds` says which there are, `service` runs many of them for long, and
`status` tells how it goes. `hooklog` keeps what was sent, `hooks` finds out who sent it.
"""

from __future__ import annotations
