"""Slow work shared among processes, for a command that has no workers to leave it to."""

import ctypes
import logging
import signal
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from types import TracebackType
from typing import Self, TypeVar

from models import be_patient

_PR_SET_PDEATHSIG = 1
Item = TypeVar("Item")

log = logging.getLogger(__name__)


class Helpers:
    """Forked processes that share work until they are left; with fewer than two it is done here.

    They are forked at once and outside of any transaction: what this process opens later, above
    all connections with an object store, no fork keeps.
    """

    def __init__(self, count: int) -> None:
        self._pool: ProcessPoolExecutor | None = None
        if count > 1:
            self._pool = ProcessPoolExecutor(count, get_context("fork"), initializer=_begin)
            self._pool.submit(int)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._pool:
            self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def each(self, do: Callable[[Item], object], items: Iterable[Item]) -> None:
        """`do`, a function of a module, with each of the items. Raises what it raises; what a
        helper was killed over stays undone."""
        if not self._pool:
            for item in items:
                do(item)
            return
        try:
            for _ in self._pool.map(do, items):
                pass
        except BrokenProcessPool:
            log.warning("a process that helped was killed; the rest is done by one")


def _begin() -> None:
    # Ctrl-C reaches the whole terminal; who started us says what there is to say.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    be_patient()
