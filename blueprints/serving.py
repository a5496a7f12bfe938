"""Sending files that people uploaded: what a browser may show, and what it may only save."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import quote

from flask import Response, abort, current_app, json, request, send_file
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from binder import sniff
from models import Backup
from services import formats, objects, storage
from services.file_views import INLINE

#: An uploaded file runs nothing, loads nothing and is framed by our own pages only.
FILE_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"


def send(
    path: Path,
    media_type: str,
    *,
    etag: str | bool = True,
    size: int | None = None,
    **options: Any,
) -> Response:
    """A file of ours, whole or one piece of it; `options` are those of Flask's `send_file`.

    One that is only in the store is sent on while it arrives; it must have the digest `etag` and
    `size` bytes. Who asks for several pieces at once, or in units that nobody knows, gets all of
    it, which RFC 9110 (14.2) allows; Werkzeug alone would say that there is no such piece (416).
    """
    stored = objects.opened(path, etag if isinstance(etag, str) else "", size)
    options |= {"mimetype": media_type, "etag": etag, "conditional": False}
    with _able_to_seek(is_needed=bool(stored or request.range)):
        response = send_file(cast("IO[bytes]", stored) if stored else path, **options)
    if stored:
        response.content_length = stored.size
    if _asks_for_one_piece_or_all():
        length = response.content_length
        try:
            response.make_conditional(request, accept_ranges=True, complete_length=length)
        except RequestedRangeNotSatisfiable:
            response.close()
            raise
        return response
    response.make_conditional(request)
    response.headers["Accept-Ranges"] = "bytes"
    return response


@contextmanager
def _able_to_seek(*, is_needed: bool) -> Iterator[None]:
    """What sends files for the web server cannot begin in the middle, and reads all up to there;
    Werkzeug's own way can. The web server still looks for its own afterwards."""
    own = request.environ.pop("wsgi.file_wrapper", None) if is_needed else None
    try:
        yield
    finally:
        if own:
            request.environ["wsgi.file_wrapper"] = own


def _asks_for_one_piece_or_all() -> bool:
    asked = request.range
    return asked is None or (asked.units == "bytes" and len(asked.ranges) == 1)


def send_upload(path: Path, name: str, *, is_download: bool) -> Response:
    """The bytes under the name that people gave them; the type is read from the bytes.

    Only PDFs and pictures are shown; anything else, whatever it calls itself, is saved.
    """
    media_type = sniff.media_type(objects.bring(path))
    is_shown = media_type in INLINE and not is_download
    response = send(
        path,
        media_type if media_type in INLINE else "application/octet-stream",
        as_attachment=not is_shown,
        download_name=name,
        # Bytes never change under their hash, which is the file's name on disk.
        etag=path.name,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return private(response)


def send_own(path: Path, name: str, media_type: str, *, is_download: bool = False) -> Response:
    """A file that we made ourselves."""
    path = objects.bring(path)
    response = send(path, media_type, as_attachment=is_download, download_name=name, etag=path.name)
    return private(response)


def send_backup(path: Path, sha256: str, size: int, *, is_shown: bool = False) -> Response:
    """A finished PDF, whole or in ranges; its SHA-256 is its tag, so that a download that broke off
    goes on only with the same file."""
    options: dict[str, Any] = {
        "as_attachment": not is_shown,
        "download_name": path.name,
        "etag": sha256,
    }
    header = current_app.config["SENDFILE"]
    if header and path.exists():
        return private(_left_to_the_server(header, path, options))
    return private(send(path, "application/pdf", size=size, **options))


def _left_to_the_server(header: str, path: Path, options: dict[str, Any]) -> Response:
    """With `DRAWPACK_SENDFILE` the web server before us sends the bytes, so that no thread of ours
    is held by a slow reader. Pieces, and what the reader has already, are its business too."""
    storage.let_group_read(path)
    whole = send_file(path, mimetype="application/pdf", conditional=False, **options)
    whole.close()
    handed = Response(mimetype=whole.mimetype)
    for name in ("Content-Disposition", "ETag", "Last-Modified"):
        handed.headers[name] = whole.headers[name]
    inside = quote(str(path.relative_to(storage.data_dir())))
    handed.headers[header] = f"/_drawpack/{inside}" if header == "X-Accel-Redirect" else str(path)
    return handed


def refuse_what_is_gone(backup: Backup) -> None:
    """410 with the day, for a backup whose files retention has removed."""
    if at := backup.files_removed_at:
        day = formats.day(at.astimezone(backup.project.zone).date())
        abort(
            410,
            f"The file of this backup was removed on {day}, as the company’s retention setting "
            "wants it. Its record stays; whoever compiles backups can compile a new one.",
        )


def manifest_of_row(backup: Backup) -> Response:
    """The record of what went in, after the files are gone."""
    text = json.dumps(backup.manifest, indent=2, ensure_ascii=False)
    answer = Response(text, mimetype="application/json")
    name = f"{backup.file_name.removesuffix('.pdf')}.json"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def private(response: Response) -> Response:
    """May be kept by the reader's own browser, which asks each time whether it still holds."""
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response


def sends_bytes(response: Response) -> bool:
    """Whether the answer brings any of the file: not for HEAD, nor where the reader has it."""
    return request.method == "GET" and response.status_code in {200, 206}


def is_continued(response: Response) -> bool:
    """Whether it brings a piece that does not begin at the first byte. Where another server sends
    the bytes, only the question tells."""
    if response.status_code == 206:
        return bool(response.content_range.start)
    asked = request.range.ranges if request.range else []
    return bool(current_app.config["SENDFILE"] and asked and asked[0][0])
