"""Looking into files that arrived."""

from jobs import enqueue
from services import files

#: Seconds: more than the child process may take on the clock.
TIMEOUT = 240


def inspect_file(sha256: str) -> None:
    files.inspect(sha256)


def enqueue_inspect(sha256: str) -> bool:
    """False when the queue cannot be reached; a compile then looks into the file itself."""
    return enqueue("files", inspect_file, sha256, timeout=TIMEOUT)
