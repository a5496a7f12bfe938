"""A process that was forked, such as that of a job, opens database connections of its own: two that
speak over one would read each other's answers."""

import os
from weakref import WeakSet

from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

_engines: WeakSet[Engine] = WeakSet()
#: Kept, so that nobody here closes what the process that forked still uses.
_inherited: list[Pool] = []


def watch(engine: Engine) -> None:
    _engines.add(engine)


def _start_anew() -> None:
    for engine in _engines:
        _inherited.append(engine.pool)
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_start_anew)
