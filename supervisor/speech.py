"""What the terminal shows."""

import sys
from contextlib import suppress


def say(sentence: str) -> None:
    # A closed terminal must not keep us from stopping what we started.
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
