"""Sending files that people uploaded: what a browser may show, and what it may only save."""

from pathlib import Path

from flask import Response, request, send_file

from binder import sniff
from services.file_views import INLINE

#: An uploaded file runs nothing, loads nothing and is framed by our own pages only.
FILE_POLICY = "default-src 'none'; frame-ancestors 'self'; sandbox"


def send_upload(path: Path, name: str, *, is_download: bool) -> Response:
    """The bytes under the name that people gave them; the type is read from the bytes.

    Only PDFs and pictures are shown; anything else, whatever it calls itself, is saved.
    """
    media_type = sniff.media_type(path)
    is_shown = media_type in INLINE and not is_download
    response = send_file(
        path,
        mimetype=media_type if media_type in INLINE else "application/octet-stream",
        as_attachment=not is_shown,
        download_name=name,
        # Bytes never change under their hash, which is the file's name on disk.
        etag=path.name,
    )
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return private(response)


def send_own(path: Path, name: str, media_type: str, *, is_download: bool = False) -> Response:
    """A file that we made ourselves."""
    response = send_file(
        path, mimetype=media_type, as_attachment=is_download, download_name=name, etag=path.name
    )
    return private(response)


def private(response: Response) -> Response:
    """May be kept by the reader's own browser, which asks each time whether it still holds."""
    response.cache_control.private = True
    response.cache_control.no_cache = True
    return response


def sends_bytes(response: Response) -> bool:
    """Whether the answer brings any of the file: not for HEAD, nor where the reader has it."""
    return request.method == "GET" and response.status_code in {200, 206}


def is_continued(response: Response) -> bool:
    """Whether it brings a piece that does not begin at the first byte."""
    return response.status_code == 206 and bool(response.content_range.start)
