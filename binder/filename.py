"""The name of a finished backup, safe on every file system."""

from datetime import datetime

from pathvalidate import sanitize_filename

#: Bytes of UTF-8: file systems allow 255, and downloads append “ (1)” or a manifest's “.json”.
_LONGEST = 200
_SEPARATOR = " - "


def backup_filename(term: str, project_name: str, project_number: str, at: datetime) -> str:
    """`Subcontractor invoice backup - Tower - 24-017 - 2026-08-31 - 14-05-09.pdf`.

    `term` is the document's name in the project's dictionary, `at` the request in the project's
    time zone. A missing number leaves out its part; a long name is cut, never the time.
    """
    end = f"{at:%Y-%m-%d}{_SEPARATOR}{at:%H-%M-%S}.pdf"
    parts = [_safe(term), _safe(project_name), _safe(project_number)]
    start = _SEPARATOR.join(part for part in parts if part)
    start = _cut(start, _LONGEST - len((_SEPARATOR + end).encode()))
    return f"{start}{_SEPARATOR}{end}" if start else end


def _safe(part: str) -> str:
    spaced = "".join(" " if char in '/\\:*?"<>|\t\r\n' else char for char in part)
    clean = sanitize_filename(" ".join(spaced.split()), platform="universal")
    return str(clean).strip(" .-")


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore").rstrip(" .-")
