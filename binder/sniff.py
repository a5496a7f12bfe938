"""What a file is, by its first bytes: names and declared types lie."""

from pathlib import Path
from typing import IO

import filetype

PDF = "application/pdf"
JPEG = "image/jpeg"
PNG = "image/png"
TIFF = "image/tiff"
HEIC = "image/heic"
HTML = "text/html"
EMPTY = "application/x-empty"
UNKNOWN = "application/octet-stream"

IMAGES = frozenset({JPEG, PNG, TIFF, HEIC})

_HEAD = 1024


def media_type(path: Path) -> str:
    """The media type of the file at `path`. Readers accept a PDF header anywhere in the first 1024
    bytes."""
    with path.open("rb", buffering=0) as file:
        return media_type_of(file)


def media_type_of(file: IO[bytes]) -> str:
    """The same of an open file, which is read from where it stands."""
    head = file.read(_HEAD)
    if not head:
        return EMPTY
    if b"%PDF-" in head:
        return PDF
    kind = filetype.guess(head)
    guessed = str(kind.mime) if kind else _text_type(head)
    return HEIC if guessed in {"image/heif", "image/heic-sequence"} else guessed


def _text_type(head: bytes) -> str:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return HTML
    # What lost its header but kept objects is worth a repair attempt.
    return PDF if b" 0 obj" in head else UNKNOWN
