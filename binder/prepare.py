"""From the original file to a clean PDF that is ready for merging."""

from pathlib import Path

import pikepdf

from binder import sniff
from binder.clean import clean
from binder.destinations import Destinations
from binder.facts import Problem
from binder.images import image_to_pdf
from binder.source import Refused, open_pdf


def prepare(path: Path, dest: Path) -> int:
    """Write the file at `path` to `dest` as a clean PDF; the number of pages.

    Raises Refused, whose `problem` says why it cannot be done. Runs in the caller's own process:
    hostile files belong into `binder.isolation.run_limited`.
    """
    media_type = sniff.media_type(path)
    if media_type in sniff.IMAGES:
        return _picture(path, media_type, dest)
    if media_type != sniff.PDF:
        raise Refused(Problem.EMPTY if media_type == sniff.EMPTY else Problem.NOT_PDF)
    with open_pdf(path).pdf as pdf:
        clean(pdf, Destinations(pdf))
        pdf.save(
            dest,
            encryption=False,
            static_id=True,
            fix_metadata_version=False,
            object_stream_mode=pikepdf.ObjectStreamMode.preserve,
        )
        return len(pdf.pages)


def _picture(path: Path, media_type: str, dest: Path) -> int:
    try:
        return image_to_pdf(path, media_type, dest)
    except (OSError, ValueError, SyntaxError) as error:
        raise Refused(Problem.UNREADABLE) from error
