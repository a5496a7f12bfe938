"""The file being linked: written once from front to back, its fields patched a buffer at a time."""

import ctypes
import os
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from binder import fields
from binder.errors import BinderError

#: Small enough for a buffer to be in the processor’s cache still when it is written.
_CAPACITY = 2 << 20
#: Bytes after which the kernel is told to start writing, so that the sync at the end is short.
_WRITEBACK = 32 << 20
_SYNC_FILE_RANGE_WRITE = 2


@dataclass(frozen=True, slots=True)
class Relocation:
    """What becomes of the fields in a run of bytes. Positions count from its start, ascending."""

    positions: fields.Offsets
    numbers: fields.Numbers
    headers: fields.Mask

    def between(self, start: int, end: int) -> "Relocation":
        """The fields within `start`…`end`, counted from `start`."""
        first, last = self.positions.searchsorted((start, end))
        return Relocation(
            self.positions[first:last] - start, self.numbers[first:last], self.headers[first:last]
        )


class Output:
    """Two buffers: while one is filled and patched here, a thread writes the other.

    Leaving the context closes the file; `finish` must have been called for it to be whole.
    """

    def __init__(self, path: Path, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._buffers = [bytearray(capacity), bytearray(capacity)]
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        self._writer = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None
        self._start_writeback = _writeback_call()
        self._flushed = 0
        self._synced = 0
        self._used = 0
        self._pending: list[tuple[int, Relocation]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.shutdown(wait=True)
        os.close(self._file)

    def tell(self) -> int:
        """Bytes so far."""
        return self._flushed + self._used

    def put(self, data: bytes) -> None:
        """Append bytes that need no patching."""
        length = len(data)
        if length > self._capacity - self._used:
            self._flush()
        for start in range(0, max(length - self._capacity, 0), self._capacity):
            self._append(data[start : start + self._capacity])
            self._flush()
        self._append(data[length - length % self._capacity :] if length > self._capacity else data)

    def _append(self, data: bytes) -> None:
        self._buffers[0][self._used : self._used + len(data)] = data
        self._used += len(data)

    def copy(self, source: int, start: int, length: int, relocation: Relocation) -> None:
        """Append `length` bytes of the opened file `source` from `start`, patched as they pass."""
        done = 0
        while done < length:
            if length - done > self._capacity - self._used:
                self._flush()
            piece = min(length - done, self._capacity)
            if done + piece < length:
                piece = _before_straddling(relocation.positions, done, piece)
            into = memoryview(self._buffers[0])[self._used : self._used + piece]
            if os.preadv(source, [into], start + done) != piece:
                raise BinderError("A prepared document became shorter while it was read.")
            whole = piece == length
            part = relocation if whole else relocation.between(done, done + piece)
            self._pending.append((self._used, part))
            self._used += piece
            done += piece

    def finish(self) -> None:
        """Write the rest and make it durable."""
        self._flush()
        self._wait()
        os.fsync(self._file)

    def _flush(self) -> None:
        self._patch()
        self._wait()
        full, used = self._buffers[0], self._used
        self._writing = self._writer.submit(self._write, memoryview(full)[:used])
        self._buffers.reverse()
        self._flushed += used
        self._used = 0

    def _wait(self) -> None:
        if self._writing is not None:
            self._writing.result()
            self._writing = None

    def _patch(self) -> None:
        """All fields of the buffer in one assignment."""
        if not self._pending:
            return
        positions = np.concatenate([part.positions + at for at, part in self._pending])
        numbers = np.concatenate([part.numbers for _, part in self._pending])
        headers = np.concatenate([part.headers for _, part in self._pending])
        self._pending.clear()
        # Element n of this view is the eight bytes that start at byte n.
        windows: np.ndarray[tuple[int], np.dtype[np.uint64]] = np.ndarray(
            (self._capacity - fields.WIDTH + 1,), "<u8", self._buffers[0], strides=(1,)
        )
        windows[positions] = fields.encode(numbers, headers)

    def _write(self, data: memoryview) -> None:
        """Runs in the thread."""
        while data:
            data = data[os.write(self._file, data) :]
        end = os.lseek(self._file, 0, os.SEEK_CUR)
        if end - self._synced >= _WRITEBACK:
            self._start_writeback(self._file, self._synced, end - self._synced)
            self._synced = end


def _before_straddling(positions: fields.Offsets, start: int, length: int) -> int:
    """`length`, shortened so that no field lies across the end of the piece."""
    last = int(positions.searchsorted(start + length)) - 1
    if last >= 0 and start < positions[last] and positions[last] + fields.WIDTH > start + length:
        return int(positions[last]) - start
    return length


def _writeback_call() -> Callable[[int, int, int], None]:
    """Starts writing a range to the disk without waiting, where the system offers it."""
    if sys.platform != "linux":
        return lambda _file, _start, _length: None
    call = ctypes.CDLL(None).sync_file_range

    def start_writeback(file: int, start: int, length: int) -> None:
        call(file, ctypes.c_int64(start), ctypes.c_int64(length), _SYNC_FILE_RANGE_WRITE)

    return start_writeback
