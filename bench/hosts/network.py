"""Hosts for a test on one machine: network namespaces on a bridge of their own, with no way out.

Each host also has a name and process numbers of its own, as machines have. Needs root and Debian's
iproute2 and util-linux.
"""

import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

_PREFIX = "drawpack-"
_SWITCH = f"{_PREFIX}switch"
_NET = "10.77.0"
_CLONE_NEWNET = 0x40000000


class Network:
    """Hosts by name, each with an address. Gone, with all that runs on them, when it is left."""

    def __init__(self, names: Sequence[str], folder: Path) -> None:
        self.folder = folder
        self.addresses = {name: f"{_NET}.{number}" for number, name in enumerate(names, 1)}
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._clear()
        _ip("netns", "add", _SWITCH)
        _on(_SWITCH, "link", "add", "bridge", "type", "bridge")
        _on(_SWITCH, "link", "set", "bridge", "up")
        for name, address in self.addresses.items():
            space = _PREFIX + name
            _ip("netns", "add", space)
            _on(space, "link", "set", "lo", "up")
            ends = ("type", "veth", "peer", "name", name, "netns", _SWITCH)
            _on(space, "link", "add", "eth0", *ends)
            _on(space, "addr", "add", f"{address}/24", "dev", "eth0")
            _on(space, "link", "set", "eth0", "up")
            _on(_SWITCH, "link", "set", name, "master", "bridge", "up")
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            self.kill(process)
        self._clear()

    def start(
        self,
        host: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        **options: int,
    ) -> subprocess.Popen[bytes]:
        """Start a program on a host; what it says goes into a file of its name."""
        command = [str(part) for part in command]
        apart = ["unshare", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        named = ["sh", "-c", f'hostname {host}; exec "$@"', "sh"]
        who = [f"--re{kind}={number}" for kind, number in options.items()]
        own = ["setpriv", *who, "--clear-groups"] if who else []
        log = self.folder / f"{host}-{len(self._running)}.log"
        with log.open("wb") as said:
            process = subprocess.Popen(
                ["ip", "netns", "exec", _PREFIX + host, *apart, *named, *own, *command],
                env=dict(environment or os.environ),
                stdout=said,
                stderr=said,
            )
        self._running.append(process)
        return process

    def run(self, host: str, command: Sequence[str], environment: Mapping[str, str]) -> str:
        """Run a program on a host to its end; what it printed."""
        done = subprocess.run(
            ["ip", "netns", "exec", _PREFIX + host, *command],
            env=dict(environment),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(command)} on {host}: {done.stdout}{done.stderr}")
        return done.stdout

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a program and all that it has started, as a power cut would."""
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait(20)

    def cut_off(self, host: str) -> None:
        """Pull the cable: what is sent either way is lost, and nobody is told."""
        _on(_SWITCH, "link", "set", host, "down")

    def connect(self, host: str) -> None:
        _on(_SWITCH, "link", "set", host, "up")

    @contextmanager
    def inside(self, host: str) -> Iterator[None]:
        """Sockets that are made (and threads that are begun) here are those of the host."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/run/netns/{_PREFIX}{host}", os.O_RDONLY)
        try:
            _enter(theirs)
            yield
        finally:
            _enter(own)
            os.close(own)
            os.close(theirs)

    def _clear(self) -> None:
        listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            if line.startswith(_PREFIX):
                _ip("netns", "delete", line.split()[0])


def _enter(space: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(space, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "cannot enter the namespace")


def _on(space: str, *arguments: str) -> None:
    _ip("-n", space, *arguments)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
