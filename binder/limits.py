"""What a single file may cost: an uploaded file is hostile input."""

from dataclasses import dataclass

_MEGABYTE = 1 << 20
_LEAST_SECONDS = 15.0
#: The slowest pace at which a large file is still waited for.
_BYTES_A_SECOND = 2 * _MEGABYTE


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for the child process that reads one file."""

    #: Seconds of processor time.
    cpu_seconds: int = 60
    #: Seconds on the clock, for the largest files.
    wall_seconds: float = 90.0
    #: Address space that the child may add to what it starts with, in bytes.
    memory: int = 1500 * _MEGABYTE
    #: Size of any file that the child writes, in bytes.
    output: int = 2048 * _MEGABYTE
    #: Size of the file itself, in bytes.
    size: int = 1024 * _MEGABYTE
    pages: int = 20_000

    def seconds_for(self, size: int) -> float:
        """Time on the clock for a file of `size` bytes: somebody waits for the small ones."""
        return min(self.wall_seconds, _LEAST_SECONDS + size / _BYTES_A_SECOND)


DEFAULT_LIMITS = Limits()
