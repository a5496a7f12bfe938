"""Full disks, disks that turn read-only, and power that fails: on real file systems of our own."""

import fcntl
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from bench.breaking.installation import Installation, TooSlow, free_port, wait_for
from bench.breaking.scene import Scene

#: `EXT4_IOC_SHUTDOWN`, and “without writing the journal”: the disk is as if power had failed.
_SHUTDOWN, _NO_JOURNAL = 0x8004587D, b"\x02\x00\x00\x00"
_LEFT = 300_000


def can_mount() -> bool:
    return os.geteuid() == 0


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A tmpfs of that size. Raises CalledProcessError where nothing may be mounted."""
    folder.mkdir()
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "-l", str(folder))


@contextmanager
def journaled_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """An ext4 file system in a file. The journal is written every minute only, so that whatever
    nobody synced is lost with the power."""
    folder.mkdir()
    image = folder.with_suffix(".img")
    with image.open("wb") as file:
        file.truncate(megabytes << 20)
    _run("mkfs.ext4", "-q", str(image))
    _mount(image, folder)
    try:
        yield folder
    finally:
        with suppress(subprocess.CalledProcessError):
            _run("umount", "-l", str(folder))
        image.unlink()


def cut_power(folder: Path) -> None:
    """From here on nothing reaches the disk; what was not synced is lost."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(descriptor, _SHUTDOWN, _NO_JOURNAL)
    finally:
        os.close(descriptor)


def come_back(folder: Path) -> None:
    """Mount it again, as the next start of the machine does."""
    wait_for(lambda: _is_let_go(folder), "the end of all who have files there", 30)
    image = folder.with_suffix(".img")
    # As the start of a machine does; its exit codes 1 to 3 tell of what it mended.
    subprocess.run(["fsck.ext4", "-y", str(image)], check=False, capture_output=True)
    _mount(image, folder)


def _is_let_go(folder: Path) -> bool:
    # Who was killed gives his memory back first, and is no process with a name from then on; his
    # files he closes a moment later.
    try:
        _run("umount", str(folder))
    except subprocess.CalledProcessError:
        return False
    return True


def _mount(image: Path, folder: Path) -> None:
    _run("mount", "-o", "loop,commit=60", str(image), str(folder))


def full(scene: Scene) -> list[str]:
    """No room while a compile runs and a file is uploaded; then there is room again."""
    filler, told = scene.data / "filler", []
    _fill(filler)
    scene.forget_prepared()
    _fill(filler)
    backup = scene.compile(4)
    answer = _try_upload(scene)
    if answer.status_code < 400 or "disk" not in answer.text:
        told.append(f"an upload without room is answered with {answer.status_code}")
    if scene.browser.get("/health/ready").status_code != httpx.codes.SERVICE_UNAVAILABLE:
        told.append("it calls itself ready")
    if scene.browser.get("/projects").status_code != httpx.codes.OK:
        told.append("pages cannot be read")
    time.sleep(2)
    filler.unlink()
    told += scene.settle()
    if backup is not None:
        row = scene.records.all("SELECT * FROM backup WHERE id = ?", backup)[0]
        # Where there is no room even for the words, who sweeps finds only that the job is gone.
        if row["status"] == "failed" and not re.search("disk|worker was stopped", row["error"]):
            told.append(f"the backup blames something else: {row['error']}")
        told += _runs_again(scene, backup)
    return told


def _fill(filler: Path) -> None:
    """Take all room but a little."""
    usage = os.statvfs(filler.parent)
    room = usage.f_bavail * usage.f_frsize - _LEFT
    with filler.open("ab") as file:
        for _ in range(max(room, 0) // 65536):
            file.write(bytes(65536))


def _try_upload(scene: Scene) -> httpx.Response:
    invoice = scene.records.one("SELECT min(id) FROM invoice")
    content = [("files", ("large.pdf", os.urandom(4 << 20), "application/pdf"))]
    page = f"/projects/{scene.project}/invoices/{invoice}/attachments"
    return scene.browser.post(page, content)


def _runs_again(scene: Scene, backup: int) -> list[str]:
    answer = scene.browser.post(f"/projects/{scene.project}/backups/{backup}/run-again")
    again = answer.headers.get("location", "").rpartition("/")[2]
    told = scene.settle()
    status = scene.records.one("SELECT status FROM backup WHERE id = ?", again)
    return told if status == "done" else [*told, f"run again it is {status}"]


def read_only(scene: Scene) -> list[str]:
    """The file system turns read-only under the running product, as ext4 does after an error."""
    told = []
    os.sync()
    _run("mount", "-o", "remount,abort", str(scene.data.parent))
    answer = _try_upload(scene)
    if answer.status_code < 400 or "Traceback" in answer.text:
        told.append(f"an upload is answered with {answer.status_code}")
    if scene.browser.get("/projects").status_code >= 500:
        told.append("pages cannot be read")
    if scene.browser.get("/health/ready").status_code != httpx.codes.SERVICE_UNAVAILABLE:
        told.append("it calls itself ready")
    scene.house.stop(signal.SIGKILL)
    refused = Installation(scene.data, free_port())
    try:
        refused.start()
        told.append("it starts")
    except TooSlow as e:
        if "cannot write to its data folder" not in str(e) or "Traceback" in str(e):
            told.append(f"the start says: {str(e)[-300:]}")
    scene.invariants.close()
    come_back(scene.data.parent)
    scene.house.start()
    return told + scene.settle()


def power_cut(scene: Scene, count: int) -> list[str]:
    """Power fails while a compile, an intake and an import are under way; that many times."""
    told = []
    # What was there before has been on the disk for long.
    os.sync()
    for number in range(count):
        scene.forget_prepared()
        with suppress(httpx.HTTPError, KeyError):
            scene.compile(3)
            scene.attach(3)
            scene.browser.bring(f"CUT-{number}")
        time.sleep(scene.random.uniform(0, 6))
        scene.invariants.close()
        cut_power(scene.data.parent)
        scene.house.stop(signal.SIGKILL)
        come_back(scene.data.parent)
        told += scene.invariants.visible()
        scene.house.start()
        told += [f"after cut {number + 1}: {each}" for each in scene.settle()]
    return told


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
