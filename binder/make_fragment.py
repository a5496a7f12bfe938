"""From the original file to its fragment and facts."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pikepdf

from binder import sniff
from binder.clean import clean
from binder.destinations import Destinations
from binder.facts import FileFacts, Problem
from binder.fragment import Fragment
from binder.geometry import PageGeometry
from binder.layers import read_layers
from binder.pack import pack
from binder.plain_pages import Look
from binder.reading import count_pages, first_page_text, read, rescue
from binder.slots import balanced_content, reserve_slots
from binder.source import Refused, Source, has_xfa, is_dynamic_xfa, open_pdf, was_signed
from binder.source_bookmarks import read_bookmarks


def make(path: Path, media_type: str, dest: Path) -> FileFacts:
    """Write the fragment of the file at `path` to `dest`. Raises Refused.

    Reads hostile input in the caller's own process: `binder.intake.make_fragment` confines it.
    """
    size = path.stat().st_size
    if media_type in sniff.IMAGES:
        # Loaded only for pictures: the libraries take more memory than a whole backup.
        from binder.images import image_to_pdf  # noqa: PLC0415

        pages = dest.with_name(dest.name + ".picture")
        try:
            image_to_pdf(path, media_type, pages)
            facts = _from_pdf(pages, dest)
        except (OSError, ValueError, SyntaxError) as error:
            if isinstance(error, OSError) and error.errno:
                # The system's own complaint, such as a full disk; those about pictures have none.
                raise
            raise Refused(Problem.UNREADABLE) from error
        finally:
            pages.unlink(missing_ok=True)
    else:
        facts = _from_pdf(path, dest)
    return replace(facts, media_type=media_type, size=size)


def _from_pdf(path: Path, dest: Path) -> FileFacts:
    try:
        return _from_readable(path, dest)
    except Refused as refused:
        rescued = dest.with_name(dest.name + ".rescued")
        if refused.problem is not Problem.UNREADABLE or not rescue(path, rescued):
            raise
    try:
        return replace(_from_readable(rescued, dest), repaired=True)
    finally:
        rescued.unlink()


def _from_readable(path: Path, dest: Path) -> FileFacts:
    source = open_pdf(path)
    with source.pdf as pdf:
        if has_xfa(pdf) and is_dynamic_xfa(pdf, first_page_text(path)):
            raise Refused(Problem.DYNAMIC_XFA)
        signed = was_signed(pdf)
        destinations = Destinations(pdf)
        bookmarks = read_bookmarks(pdf, destinations)
        layers = read_layers(pdf)
        cleaned = clean(pdf, destinations)
        contents, damaged = balanced_content(pdf, cleaned.geometry)
        slots = reserve_slots(pdf, cleaned.geometry, contents, layers)
        try:
            fragment = pack(pdf, slots, dest, bookmarks)
        except (RuntimeError, ValueError, pikepdf.PdfError) as error:
            raise Refused(Problem.UNREADABLE) from error
    facts = _facts(path, source, fragment, [content.look for content in contents])
    return replace(
        facts,
        was_signed=signed,
        page_sizes=tuple(_size(shape) for shape in cleaned.geometry),
        removed=cleaned.removed,
        warnings=(*cleaned.warnings, *_damage(damaged), *facts.warnings),
    )


def _damage(pages: int) -> tuple[str, ...]:
    if not pages:
        return ()
    return (
        ("1 page is" if pages == 1 else f"{pages:,} pages are") + " damaged and may lack parts.",
    )


def _size(geometry: PageGeometry) -> tuple[int, int]:
    width, height = geometry.displayed_size
    return round(width), round(height)


def _facts(
    path: Path, source: Source, fragment: Fragment, looks: Sequence[Look | None]
) -> FileFacts:
    """What a second reader sees, in the file as it arrived and in the fragment made of it."""
    reading = read(fragment.path, looks)
    if reading is None or reading.pages != fragment.pages:
        fragment.path.unlink()
        raise Refused(Problem.UNREADABLE)
    seen = count_pages(path)
    warnings = []
    if seen not in {None, fragment.pages}:
        warnings.append(f"Two readers count different pages in it: {fragment.pages} and {seen}.")
    return FileFacts(
        media_type=sniff.PDF,
        pages=fragment.pages,
        repaired=source.repaired or seen is None,
        was_encrypted_with_empty_password=source.encrypted,
        searchable_pages=reading.searchable_pages,
        upside_down_pages=reading.upside_down_pages,
        max_dpi=reading.max_dpi,
        warnings=tuple(warnings),
    )
