"""Objects in S3, or in what speaks its language (MinIO, SeaweedFS, Garage, Ceph, R2 …)."""

import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from services.objects.store import Stored, StoreUnreachable

#: A part of a large file. S3 takes ten thousand of them: files of up to 80 GB.
_PART = 8 << 20
#: Parts on their way at once; each is in memory meanwhile.
_AT_ONCE = 4
#: What is yielded at a time when an object is fetched.
_PIECE = 1 << 20
#: Names in one request to delete; S3 takes a thousand.
_DELETED_AT_ONCE = 500

_REFUSALS = (PermissionDeniedError, UnauthenticatedError)

log = logging.getLogger(__name__)

#: The process that spoke to a store first. Its connections belong to threads of the library, and
#: no thread survives a fork.
_speaker: int | None = None


class S3:
    """A bucket, or what lies below a prefix of it. `settings` has those of DRAWPACK_STORAGE_*."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.address: str = settings["STORAGE_URL"]
        bucket, _, prefix = self.address.removeprefix("s3://").partition("/")
        endpoint: str = settings["STORAGE_ENDPOINT"]
        chosen = {
            "endpoint": endpoint,
            "region": settings["STORAGE_REGION"],
            "access_key_id": settings["STORAGE_ACCESS_KEY"],
            "secret_access_key": settings["STORAGE_SECRET_KEY"],
        }
        self._store = S3Store(
            bucket,
            prefix=prefix or None,
            config=cast("Any", {name: value for name, value in chosen.items() if value}),
            client_options={
                "allow_http": endpoint.startswith("http://"),
                "connect_timeout": timedelta(seconds=3),
                "read_timeout": timedelta(seconds=10),
                # Of a whole answer: the largest backup over a slow line.
                "timeout": timedelta(hours=2),
            },
            # Somebody waits for a page: rather a sentence soon than an answer after minutes.
            retry_config={
                "max_retries": 3,
                "retry_timeout": timedelta(seconds=10),
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=2),
                    "base": 2,
                },
            },
        )

    def put(self, name: str, path: Path, sha256: str) -> None:
        with self._asked():
            obstore.put(
                self._store,
                name,
                path,
                attributes={"sha256": sha256},
                chunk_size=_PART,
                max_concurrency=_AT_ONCE,
            )

    def fetch(self, name: str) -> tuple[str, Iterator[bytes]] | None:
        with self._asked():
            try:
                found = obstore.get(self._store, name)
            except FileNotFoundError:
                return None
            return found.attributes.get("sha256", ""), self._pieces(
                found.stream(min_chunk_size=_PIECE)
            )

    def _pieces(self, stream: Iterable[Any]) -> Iterator[bytes]:
        with self._asked():
            yield from map(bytes, stream)

    def read(self, name: str, start: int, length: int) -> bytes:
        with self._asked():
            return bytes(obstore.get_range(self._store, name, start=start, length=length))

    def find(self, name: str) -> Stored | None:
        with self._asked():
            try:
                found = obstore.head(self._store, name)
            except FileNotFoundError:
                return None
            return Stored(name, found["size"], found["last_modified"])

    def delete(self, names: Sequence[str]) -> None:
        with self._asked():
            for start in range(0, len(names), _DELETED_AT_ONCE):
                obstore.delete(self._store, names[start : start + _DELETED_AT_ONCE])

    def below(self, folder: str) -> Iterator[Stored]:
        with self._asked():
            for batch in obstore.list(self._store, folder or None):
                for each in batch:
                    yield Stored(each["path"], each["size"], each["last_modified"])

    @contextmanager
    def _asked(self) -> Iterator[None]:
        _refuse_after_fork()
        try:
            yield
        except _REFUSALS as e:
            log.warning("%s", _said(e))
            raise StoreUnreachable(f"The storage of files ({self.address}) refuses our key.") from e
        # FileNotFoundError: the object was deleted meanwhile, or there is no such bucket.
        except (BaseError, FileNotFoundError) as e:
            log.warning("%s", _said(e))
            raise StoreUnreachable(
                f"The storage of files ({self.address}) cannot be reached right now."
            ) from e


def _refuse_after_fork() -> None:
    """Rather an error than a request that waits for ever."""
    global _speaker  # noqa: PLW0603 - as the threads of the library are: one for the process
    if _speaker is None:
        _speaker = os.getpid()
    if _speaker != os.getpid():
        raise RuntimeError("The process that this one was forked from has spoken to the store.")


def _said(error: Exception) -> str:
    """The library's own words without what it adds for those who debug it."""
    return " ".join(str(error).partition("Debug source")[0].split())[:500]
