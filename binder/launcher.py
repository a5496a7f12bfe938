"""Becomes another program, confined:
`python -I -S launcher.py SECONDS MEMORY OUTPUT HOME READS PROGRAM ...`.

Lowers its own limits (seconds of processor time, bytes of address space, bytes of any file), closes
every folder but HOME, where it writes, and READS (separated by colons), gives up the network and
other processes, and replaces itself by the program.
"""

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from binder.cage import Cage, lock_in

_PR_SET_PDEATHSIG = 1


def main() -> None:
    seconds, memory, output = map(int, sys.argv[1:4])
    home, reads, *command = sys.argv[4:]
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0)
    if not lock_in(Cage((*filter(None, reads.split(":")),), (home,)), for_program=True):
        # Rather not at all than with a door open.
        sys.exit("the cage cannot be closed")
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main()
