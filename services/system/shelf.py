"""Looks at the store of files that hosts share, where there is one (DRAWPACK_STORAGE_URL)."""

from collections.abc import Iterator
from uuid import uuid4

from flask import current_app

from services import objects, storage
from services.objects import StoreDamaged, StoreUnreachable
from services.system.result import Result, failed, ok


def shelf() -> Iterator[Result]:
    """Whether a file can be put there, brought back and deleted."""
    if not objects.is_external():
        return
    address = current_app.config["STORAGE_URL"]
    path = storage.folder("checks") / uuid4().hex
    try:
        storage.write_atomically(path, b"check")
        objects.put(path)
        path.unlink()
        is_back = objects.bring(path).exists()
    except (StoreUnreachable, StoreDamaged, OSError) as e:
        yield failed("Storage", f"{e} Uploads and downloads wait until it does what it should.")
    else:
        yield _said(address, is_back=is_back)
    finally:
        path.unlink(missing_ok=True)
        # Its own only: somebody else may look at the same moment.
        objects.drop(path)


def _said(address: str, *, is_back: bool) -> Result:
    if is_back:
        return ok("Storage", f"{address} takes a file and gives it back.")
    return failed("Storage", f"{address} took a file and does not give it back.")
