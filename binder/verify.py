"""The finished file is opened again before anybody is told: by two readers that did not write
it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf

from binder.errors import BinderError, PagesDiffer
from binder.linker import Part
from binder.numbers import Numbers
from binder.page_links import PageLink
from binder.pdf_text import win_ansi
from binder.plan import Plan
from binder.reading import count_pages, text_of
from binder.render.words import counted, followed
from binder.source import entry
from binder.stamp import stamp_text

#: How far a rectangle may be from what was asked for: numbers are written with two decimals.
_TOLERANCE = 0.02


class NotAsPlanned(BinderError):
    """The finished file is not what it should be."""


#: Pages by the number of their object, from 0.
PageIndex = dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class _Range:
    """The pages of a part, from 0; `end` is behind the last."""

    start: int
    end: int


def verify(path: Path, parts: Sequence[Part], numbers: Numbers | None = None) -> None:
    """Compare the file at `path` with the parts it was linked from, in the order of its pages.

    Every page carries its number, by default from 1, and is labelled with it; every bookmark leads
    to the first page of what it names; links of documents stay inside them, links of ours are all
    there and lead where the parts say. Raises PagesDiffer or NotAsPlanned with the first
    difference.
    """
    ranges = list(_ranges(parts))
    expected = ranges[-1].end
    numbers = numbers or Numbers(0, expected)
    try:
        with pikepdf.open(path, attempt_recovery=False, suppress_warnings=True) as pdf:
            _compare_counts(path, len(pdf.pages), expected)
            pages = list(pdf.pages)
            index = {page.obj.objgen: number for number, page in enumerate(pages)}
            _check_labels(pdf, numbers)
            _check_bookmarks(pdf, parts, ranges, index, numbers)
            for part, own in zip(parts, ranges, strict=True):
                _check_pages(pages, part, own, index, numbers)
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


def _check_labels(pdf: Pdf, numbers: Numbers) -> None:
    """What a reader shows as the number of a page is the number printed on it."""
    labels = entry(entry(pdf.Root, "/PageLabels"), "/Nums")
    wanted = Array([0, Dictionary(S=Name.D, St=numbers.of(0))])
    if labels != wanted:
        raise NotAsPlanned(f"The page labels do not begin with {numbers.of(0):,}.")


def _check_bookmarks(
    pdf: Pdf,
    parts: Sequence[Part],
    ranges: Sequence[_Range],
    index: PageIndex,
    numbers: Numbers,
) -> None:
    """Our bookmarks are all there, in order, on the first page of their document; others inside
    it."""
    found = _bookmarks(entry(entry(pdf.Root, "/Outlines"), "/First"), index)
    current = next(found, None)
    for part, own in zip(parts, ranges, strict=True):
        for _, title in part.headings:
            if current != (f"{title} · p. {numbers.of(own.start):,}", own.start):
                raise NotAsPlanned(f"The bookmark “{title}” is missing or leads elsewhere.")
            current = next(found, None)
        while current is not None and own.start <= current[1] < own.end:
            if not current[0].endswith(f"· p. {numbers.of(current[1]):,}"):
                raise NotAsPlanned(f"The bookmark “{current[0]}” leads to another page.")
            current = next(found, None)
    if current is not None:
        raise NotAsPlanned(f"The bookmark “{current[0]}” leads out of its document.")


def _bookmarks(item: Object | None, index: PageIndex) -> Iterator[tuple[str, int]]:
    """(title, page from 0) in reading order; -1 where the page is not in the file."""
    while item is not None:
        yield str(item.Title), index.get(item.Dest[0].objgen, -1)
        yield from _bookmarks(entry(item, "/First"), index)
        item = entry(item, "/Next")


def _check_pages(
    pages: Sequence[Page], part: Part, own: _Range, index: PageIndex, numbers: Numbers
) -> None:
    """Numbers and links on every page of a part."""
    ours: dict[int, list[PageLink]] = {}
    for link in part.links:
        ours.setdefault(own.start + link.page, []).append(link)
    for number in range(own.start, own.end):
        page = pages[number]
        if part.stamp is not None:
            _check_stamp(page, stamp_text(part.stamp, numbers.of(number), numbers.last), number)
        if number in ours:
            _check_own_links(page, number, ours[number], index)
        else:
            _check_links(page, number, own, index)


def _check_stamp(page: Page, text: str, number: int) -> None:
    if win_ansi(text) not in page.obj.Contents[-1].read_bytes():
        raise NotAsPlanned(f"Page {number + 1:,} does not carry its number.")


def _check_links(page: Page, number: int, own: _Range, index: PageIndex) -> None:
    """What a document brought leads to a page of the same document."""
    for annotation in _links(page):
        target = annotation.get("/Dest")
        if target is not None and not own.start <= index.get(target[0].objgen, -1) < own.end:
            raise NotAsPlanned(f"A link on page {number + 1:,} leads out of its document.")


def _check_own_links(page: Page, number: int, wanted: Sequence[PageLink], index: PageIndex) -> None:
    """Every link of ours is where it should be and leads where it should."""
    found = list(_links(page))
    if len(found) != len(wanted):
        raise NotAsPlanned(
            f"Page {number + 1:,} has {len(found):,} links instead of {len(wanted):,}."
        )
    for link, annotation in zip(wanted, found, strict=True):
        if index.get(annotation.Dest[0].objgen, -1) != link.target or not _is_at(annotation, link):
            raise NotAsPlanned(
                f"A link on page {number + 1:,} does not lead to page {link.target + 1:,}."
            )


def _is_at(annotation: Object, link: PageLink) -> bool:
    found = [float(value) for value in annotation.Rect]
    return all(abs(a - b) <= _TOLERANCE for a, b in zip(found, link.rect, strict=True))


def _links(page: Page) -> Iterator[Object]:
    annotations = page.obj.get("/Annots")
    if isinstance(annotations, Array):
        for annotation in annotations:
            if isinstance(annotation, Dictionary) and annotation.get("/Subtype") == Name.Link:
                yield annotation


def verify_receipt(path: Path, pages: range, plan: Plan, total: int) -> None:
    """What the receipt prints on `pages` (from 0), read as anybody would read it: the sums of the
    documents, `total` pages in all volumes, and the backup that an addendum follows. Raises
    NotAsPlanned."""
    documents = plan.documents
    text = " ".join(text_of(path, pages).split())
    pages_in = sum(document.pages for document in documents)
    for wanted in (
        "Pages in and pages out are equal.",
        f"{counted(pages_in, 'page')} of documents and {counted(total - pages_in, 'page')} added",
        f"are {counted(total, 'page')}.",
        f"Total: {counted(len(documents), 'document')} {pages_in:,} {pages_in:,}",
        *([followed(plan.addendum)] if plan.addendum else []),
    ):
        if wanted not in text:
            raise NotAsPlanned(f"The receipt does not say “{wanted}”.")
