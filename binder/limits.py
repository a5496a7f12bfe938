"""What a single file may cost: an uploaded file is hostile input."""

from dataclasses import dataclass

_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for the child process that reads one file."""

    #: Seconds of processor time.
    cpu_seconds: int = 60
    #: Seconds on the clock.
    wall_seconds: float = 90.0
    #: Address space that the child may add to what it starts with, in bytes.
    memory: int = 1500 * _MEGABYTE
    #: Size of any file that the child writes, in bytes.
    output: int = 2048 * _MEGABYTE
    #: Size of the file itself, in bytes.
    size: int = 1024 * _MEGABYTE
    pages: int = 20_000


DEFAULT_LIMITS = Limits()
