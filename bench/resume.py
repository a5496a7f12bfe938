"""`python -m bench.resume [--gigabytes N]`: a large download that breaks off and goes on.

The real web server sends a finished backup of that size; the connection is cut in the middle
several times, the rest is asked for by Range and If-Range, and in the end the SHA-256 must be that
of the row. Prints seconds, pieces, and the memory of the web server before and after.
"""

import argparse
import shutil
import sys
import time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.breaking.crowd import memory
from bench.breaking.scene import Scene, furnished
from bench.sets import SETS

_GIGABYTE = 1_000_000_000
_PIECE = 1 << 20


def main() -> int:
    """Exit code 1 where there is no room, or where other bytes came."""
    options = argparse.ArgumentParser(prog="python -m bench.resume", description=__doc__)
    options.add_argument("--gigabytes", type=float, default=4.5)
    options.add_argument("--cuts", type=int, default=5)
    options.add_argument("--folder", type=Path, help="where there is room; else the system's")
    chosen = options.parse_args()
    with TemporaryDirectory(prefix="resume-", dir=chosen.folder) as made:
        size = int(chosen.gigabytes * _GIGABYTE)
        if shutil.disk_usage(made).free < 2 * size:
            print(f"{made} has no room for {chosen.gigabytes} GB and as much again to spare.")
            return 1
        with furnished(Path(made) / "data", SETS, 1, is_small=True) as scene:
            return _download(scene, size, chosen.cuts)


def _download(scene: Scene, size: int, cuts: int) -> int:
    path, wanted = _grow(scene, size)
    before, began = _web(scene), time.monotonic()
    digest, got, answers, tag = sha256(), 0, 0, ""
    while got < size:
        piece = {"Range": f"bytes={got}-", "If-Range": tag} if got else {}
        end = size if answers >= cuts else got + size // (cuts + 1)
        with scene.browser.http.stream("GET", path, headers=piece) as answer:
            _check(answer, got, size)
            tag, answers = answer.headers["ETag"], answers + 1
            for chunk in answer.iter_bytes(_PIECE):
                digest.update(chunk)
                got += len(chunk)
                if got >= end:
                    # Leaving now cuts the connection; what was still on its way is thrown away.
                    break
    seconds = time.monotonic() - began
    is_same = digest.hexdigest() == wanted
    print(f"{size:,} bytes in {answers} pieces: {seconds:.1f} s, {size / seconds / 1e6:.0f} MB/s")
    print(f"SHA-256 {'as the row says' if is_same else 'DIFFERS'}")
    print(f"web server: {before:.0f} MB before, {_web(scene):.0f} MB after")
    return int(not is_same)


def _check(answer: httpx.Response, start: int, size: int) -> None:
    """Raises ValueError where the server does not send what was asked for."""
    told = answer.status_code, answer.headers.get("Content-Range")
    right = (206, f"bytes {start}-{size - 1}/{size}") if start else (200, None)
    if told != right:
        raise ValueError(f"the server answers {told}, not {right}")


def _grow(scene: Scene, size: int) -> tuple[str, str]:
    """Have a backup compiled and put that many bytes in its place, as its row then says; its
    address and SHA-256."""
    backup = scene.compile(1)
    scene.records.wait_until_quiet()
    [row] = scene.records.all("SELECT path FROM backup WHERE id = ?", backup)
    digest, block = sha256(), bytes(range(256)) * 4096
    with (scene.data / row["path"]).open("wb") as file:
        for start in range(0, size, len(block)):
            piece = (start.to_bytes(8) + block)[: min(len(block), size - start)]
            digest.update(piece)
            file.write(piece)
    scene.records.execute(
        "UPDATE backup SET size = ?, sha256 = ? WHERE id = ?", size, digest.hexdigest(), backup
    )
    return f"/projects/{scene.project}/backups/{backup}/file", digest.hexdigest()


def _web(scene: Scene) -> float:
    return memory(scene.house)["web"]


if __name__ == "__main__":
    sys.exit(main())
