"""What a child that reads hostile files really cannot do, tried by the child itself."""

import ctypes
import faulthandler
import fcntl
import os
import platform
import pty
import resource
import signal
import socket
import stat
import struct
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from binder import cage, seccomp
from binder.cage import Cage, room
from binder.isolation import ChildFailed, run_limited
from binder.limits import Limits
from binder.workshop import Workshop

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kernel is another one")
has_landlock = pytest.mark.skipif(not cage.landlock_version(), reason="this kernel has none")
LIMITS = Limits(cpu_seconds=10, wall_seconds=20)


@pytest.fixture
def folders(tmp_path):
    for name in ("in", "out", "else"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("content")
    return tmp_path


def inside(folders, act):
    """What becomes of an act in the child: "done", or the name of the error that stopped it."""

    def tried():
        try:
            act()
        except OSError as e:
            return {"said": type(e).__name__}
        return {"said": "done"}

    locked = Cage((str(folders / "in"),), (str(folders / "out"),))
    return run_limited(tried, LIMITS, locked)["said"]


NO = "PermissionError"
F_SETOWN, PR_SET_PDEATHSIG = 8, 1
SHMGET, MSGGET, PRCTL = (29, 68, 157) if platform.machine() == "x86_64" else (194, 186, 167)


def called(number, *arguments):
    if ctypes.CDLL(None, use_errno=True).syscall(*map(ctypes.c_long, (number, *arguments))) < 0:
        raise OSError(ctypes.get_errno(), "refused")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_it_opens_no_socket_of_any_kind(folders, family, kind):
    assert inside(folders, lambda: socket.socket(family, kind)) == NO


def test_it_makes_no_pair_of_sockets(folders):
    assert inside(folders, socket.socketpair) == NO


def test_it_starts_no_program(folders):
    assert inside(folders, lambda: subprocess.run(["true"], check=True)) == NO
    assert inside(folders, lambda: os.execv("/bin/true", ["true"])) == NO


def test_it_makes_no_process(folders):
    assert inside(folders, os.fork) == NO


def test_it_signals_nobody(folders):
    assert inside(folders, lambda: os.kill(os.getppid(), signal.SIGTERM)) == NO
    assert inside(folders, lambda: os.kill(1, 0)) == NO


def test_it_touches_no_other_process(folders):
    """Whose files, processor or memory it could take away without a signal."""
    parent = os.getpid()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    tries = {
        "limits": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE, limits),
        "look at limits": lambda: resource.prlimit(parent, resource.RLIMIT_NOFILE),
        "priority": lambda: os.setpriority(os.PRIO_PROCESS, parent, 5),
        "processors": lambda: os.sched_setaffinity(parent, {0}),
        "signal by a pipe": lambda: fcntl.fcntl(os.pipe()[0], F_SETOWN, parent),
        "memory shared by a key": lambda: called(SHMGET, 0x5EC, 4096, 0o1600),
        "a queue of messages": lambda: called(MSGGET, 0x5EC, 0o1600),
        "outlive its parent": lambda: called(PRCTL, PR_SET_PDEATHSIG, 0),
    }
    assert {what: inside(folders, act) for what, act in tries.items()} == dict.fromkeys(tries, NO)
    assert inside(folders, lambda: resource.prlimit(0, resource.RLIMIT_NOFILE)) == "done"


def test_it_changes_no_rights_and_dates_of_files(folders):
    """Not even where it may write: Landlock does not ask about them."""
    file = folders / "else" / "file"
    for act in (
        lambda: file.chmod(0o666),
        lambda: os.chown(file, os.getuid(), os.getgid()),
        lambda: os.utime(file, (0, 0)),
        lambda: os.setxattr(file, "user.x", b"y"),
    ):
        assert inside(folders, act) == NO


def test_it_has_no_terminal(folders):
    """Where the command line runs it: what it types there would be taken for the person's words."""
    ours, theirs = pty.openpty()
    before = os.dup(0)
    try:
        os.dup2(theirs, 0)
        said = run_limited(lambda: {"terminals": [fd for fd in range(3) if os.isatty(fd)]}, LIMITS)
    finally:
        os.dup2(before, 0)
        for each in (before, ours, theirs):
            os.close(each)
    assert said["terminals"] == []


@pytest.mark.parametrize("for_program", [False, True])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_fits_each_machine(monkeypatch, machine, for_program):
    """Each jump of it lands within it, on a number of the right kind."""
    monkeypatch.setattr(platform, "machine", lambda: machine)
    program = seccomp._program(for_program=for_program)
    steps = list(struct.iter_unpack("HBBI", program))
    assert len(steps) < 256
    for place, (code, so, not_so, _) in enumerate(steps):
        if code & 7 == 5:
            assert max(place + so + 1, place + not_so + 1) < len(steps)
    assert [code for code, *_ in steps[-3:]] == [6, 6, 6]


def test_it_may_have_threads(folders):
    done = []

    def act():
        thread = threading.Thread(target=done.append, args=(1,))
        thread.start()
        thread.join()
        assert done == [1]

    assert inside(folders, act) == "done"


def test_it_may_give_up(folders):
    def act():
        faulthandler.disable()
        os.abort()

    with pytest.raises(ChildFailed, match="crashed"):
        inside(folders, act)


@has_landlock
def test_it_reads_what_it_was_given_and_writes_where_it_should(folders):
    assert inside(folders, (folders / "in" / "file").read_text) == "done"
    assert inside(folders, lambda: (folders / "out" / "made").write_text("x")) == "done"
    assert (folders / "out" / "made").read_text() == "x"
    assert inside(folders, lambda: (folders / "out" / "made").replace(folders / "out" / "b")) == (
        "done"
    )
    assert inside(folders, (folders / "out" / "b").unlink) == "done"


@has_landlock
def test_it_reads_nothing_else(folders):
    for path in (folders / "else" / "file", Path("/etc/passwd"), Path(__file__)):
        assert inside(folders, path.read_bytes) == NO, path


@has_landlock
def test_it_writes_nowhere_else(folders):
    tries = [
        lambda: (folders / "in" / "file").write_text("x"),
        lambda: (folders / "in" / "new").write_text("x"),
        lambda: (folders / "else" / "new").write_text("x"),
        (folders / "in" / "file").unlink,
        lambda: os.truncate(folders / "in" / "file", 0),
        lambda: (folders / "in" / "file").rename(folders / "out" / "moved"),
        lambda: (folders / "out" / "link").hardlink_to(folders / "else" / "file"),
        lambda: Path("/tmp/drawpack-test-escape").write_text("x"),
    ]
    for act in tries:
        assert inside(folders, act) in {NO, "OSError"}
    assert (folders / "in" / "file").read_text() == "content"


def test_it_makes_nothing_that_leads_who_opens_it_elsewhere(folders, tmp_path):
    """Its results are opened by processes that no cage holds: a preview is served, say."""
    secret, made = folders / "else" / "file", folders / "out" / "made"
    tries = {
        "link": lambda: made.symlink_to(secret),
        "link from here": lambda: os.symlink(secret, "made", dir_fd=os.open(made.parent, 0)),
        "pipe": lambda: os.mkfifo(made),
        "node": lambda: os.mknod(made, stat.S_IFIFO | 0o600),
    }
    assert {what: inside(folders, act) for what, act in tries.items()} == dict.fromkeys(tries, NO)


@has_landlock
@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_landlock_alone_lets_no_special_file_be_made(folders, monkeypatch, kind):
    monkeypatch.setattr(seccomp, "refuse_calls", lambda **_: True)
    made = folders / "out" / "made"
    assert inside(folders, lambda: os.mknod(made, kind | 0o600, os.makedev(1, 3))) == NO
    assert inside(folders, lambda: made.symlink_to(folders / "else" / "file")) == NO


@has_landlock
def test_it_puts_no_folder_where_somebody_else_puts_a_file(folders):
    """Who prepares a file after it would fail for ever: a file takes no folder's place."""
    assert inside(folders, (folders / "out" / "made").mkdir) == NO


@has_landlock
def test_a_symbolic_link_leads_nowhere(folders):
    (folders / "out" / "way").symlink_to(folders / "else" / "file")

    assert inside(folders, (folders / "out" / "way").read_text) == NO


@has_landlock
def test_it_reads_neither_the_database_nor_the_secret_key(app):
    data = app.config["DATA_DIR"]
    (data / "secret-key").write_text("secret")
    for folder in ("files/ab", "prepared/ab"):
        (data / folder).mkdir(parents=True)
    digest = "ab" * 32
    (data / "files" / "ab" / digest).write_bytes(b"x")
    # Where the tests run on a server, it is not there.
    (data / "drawpack.db").touch()
    locked = Cage(
        (room(str(data / "files" / "ab" / digest)),),
        (room(str(data / "prepared" / "ab" / "x.pdf")),),
    )

    def read():
        said = {}
        for name in ("secret-key", "drawpack.db", f"files/ab/{digest}"):
            try:
                (data / name).read_bytes()
                said[name] = "read"
            except OSError as e:
                said[name] = type(e).__name__
        return said

    assert run_limited(read, LIMITS, locked) == {
        "secret-key": NO, "drawpack.db": NO, f"files/ab/{digest}": "read",
    }  # fmt: skip


def test_the_child_of_intake_is_locked_in(folders):
    """The very one that reads uploads, told to look around by its own handler."""

    def look(request):
        try:
            socket.socket()
        except PermissionError:
            return {"network": "none", "child": os.getpid()}
        return {"network": "open"}

    def cage_of(request):
        return Cage((str(folders / request["in"]),), (str(folders / "out"),))

    workshop = Workshop(look, LIMITS, cage_of)
    first, second = (workshop.ask({"in": "in"}) for _ in range(2))
    other = workshop.ask({"in": "else"})
    workshop.close()

    assert first == second, "one child serves many files of the same folders"
    assert first["network"] == other["network"] == "none"
    assert other["child"] != first["child"], "other folders take another child"


def test_a_room_is_a_folder_of_files_or_the_one_that_spreads_them(tmp_path):
    assert room(str(tmp_path / "files" / "ab" / "abcd")) == str((tmp_path / "files").resolve())
    assert room(str(tmp_path / "upload.pdf")) == str(tmp_path.resolve())


def test_a_child_has_nothing_open_of_its_parent(folders):
    """A socket that the parent holds would be a way out of the cage."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        seen = run_limited(
            lambda: {"open": [each.name for each in Path("/proc/self/fd").iterdir()]}, LIMITS
        )
        assert not {str(ours.fileno()), str(theirs.fileno())} & set(seen["open"])
