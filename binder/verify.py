"""The finished file is opened again before anybody is told: by two readers that did not write
it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf

from binder.errors import BinderError, PagesDiffer
from binder.linker import Part
from binder.pdf_text import win_ansi
from binder.reading import count_pages
from binder.source import entry


class NotAsPlanned(BinderError):
    """The finished file is not what it should be."""


@dataclass(frozen=True, slots=True)
class _Range:
    """The pages of a part, from 0; `end` is behind the last."""

    start: int
    end: int


def verify(path: Path, parts: Sequence[Part]) -> None:
    """Compare the file at `path` with the parts it was linked from.

    Every page has its stamp, every bookmark and every link leads to a page of its own document.
    Raises PagesDiffer or NotAsPlanned with the first difference.
    """
    expected = sum(part.fragment.pages for part in parts)
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            _compare_counts(path, len(pdf.pages), expected)
            pages = list(pdf.pages)
            index = {page.obj.objgen: number for number, page in enumerate(pages)}
            ranges = list(_ranges(parts))
            _check_bookmarks(pdf, parts, ranges, index)
            for part, pages_of_part in zip(parts, ranges, strict=True):
                for number in range(pages_of_part.start, pages_of_part.end):
                    _check_stamp(pages[number], part.stamp, number, expected)
                    _check_links(pages[number], number, pages_of_part, index)
    except pikepdf.PdfError as error:
        raise NotAsPlanned("The file cannot be opened again.") from error


def _ranges(parts: Sequence[Part]) -> Iterator[_Range]:
    start = 0
    for part in parts:
        yield _Range(start, start + part.fragment.pages)
        start += part.fragment.pages


def _compare_counts(path: Path, pages: int, expected: int) -> None:
    for count in (pages, count_pages(path)):
        if count != expected:
            raise PagesDiffer(f"{expected:,} pages went in, {count or 0:,} came out.")


def _check_bookmarks(
    pdf: Pdf, parts: Sequence[Part], ranges: list[_Range], index: dict[tuple[int, int], int]
) -> None:
    """Our bookmarks are all there, in order, on the first page of their document; others inside
    it."""
    found = _bookmarks(entry(entry(pdf.Root, "/Outlines"), "/First"), index)
    current = next(found, None)
    for part, pages in zip(parts, ranges, strict=True):
        for _, title in part.headings:
            if current is None or current[1] != pages.start or not current[0].startswith(title):
                raise NotAsPlanned(f"The bookmark “{title}” is missing or leads elsewhere.")
            current = next(found, None)
        after = ranges[-1].end if part is parts[-1] else pages.end
        while current is not None and pages.start <= current[1] < after:
            if not current[0].endswith(f"· p. {current[1] + 1:,}"):
                raise NotAsPlanned(f"The bookmark “{current[0]}” leads to another page.")
            current = next(found, None)
    if current is not None:
        raise NotAsPlanned(f"The bookmark “{current[0]}” leads out of its document.")


def _bookmarks(item: Object | None, index: dict[tuple[int, int], int]) -> Iterator[tuple[str, int]]:
    """(title, page from 0) in reading order; -1 where the page is not in the file."""
    while item is not None:
        yield str(item.Title), index.get(item.Dest[0].objgen, -1)
        yield from _bookmarks(entry(item, "/First"), index)
        item = entry(item, "/Next")


def _check_stamp(page: Page, stamp: str | None, number: int, total: int) -> None:
    if stamp is None:
        return
    drawn = page.obj.Contents[-1].read_bytes()
    if win_ansi(f"{stamp} · p. {number + 1:,} of {total:,}") not in drawn:
        raise NotAsPlanned(f"Page {number + 1:,} does not carry its number.")


def _check_links(page: Page, number: int, pages: _Range, index: dict[tuple[int, int], int]) -> None:
    annotations = page.obj.get("/Annots")
    if not isinstance(annotations, Array):
        return
    for annotation in annotations:
        if not isinstance(annotation, Dictionary) or annotation.get("/Subtype") != Name.Link:
            continue
        target = annotation.get("/Dest")
        if target is None:
            continue
        if not pages.start <= index.get(target[0].objgen, -1) < pages.end:
            raise NotAsPlanned(f"A link on page {number + 1:,} leads out of its document.")
