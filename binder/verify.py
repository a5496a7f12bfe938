"""The finished file is opened again before anybody is told: by two readers that did not write
it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Page, Pdf

from binder.back_links import Place
from binder.errors import PagesDiffer
from binder.linker import Part
from binder.numbers import Numbers
from binder.page_links import PageLink
from binder.pdf_text import win_ansi
from binder.plan import Plan
from binder.reading import count_pages, text_of
from binder.render.words import counted, followed
from binder.source import entry
from binder.stamp import stamp_text
from binder.verify_links import Links, NotAsPlanned, PageIndex


@dataclass(frozen=True, slots=True)
class _Range:
    """The pages of a part, from 0; `end` is behind the last."""

    start: int
    end: int


def verify(
    path: Path,
    parts: Sequence[Part],
    numbers: Numbers | None = None,
    backs: Mapping[int, Place] | None = None,
) -> None:
    """Compare the file at `path` with the parts it was linked from, in the order of its pages.

    Every page carries its number, by default from 1, and is labelled with it; every bookmark leads
    to the first page of what it names; links of documents stay inside them, links of ours are all
    there and lead where the parts say; stamps lead back to `backs`, by first page. Raises
    PagesDiffer or NotAsPlanned with the first difference.
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
                back = backs[own.start] if part.leads_back and backs else None
                _check_pages(pages, part, own, index, numbers, back=back)
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
    pages: Sequence[Page],
    part: Part,
    own: _Range,
    index: PageIndex,
    numbers: Numbers,
    *,
    back: Place | None,
) -> None:
    """Numbers and links on every page of a part."""
    ours: dict[int, list[PageLink]] = {}
    for link in part.links:
        ours.setdefault(own.start + link.page, []).append(link)
    for number in range(own.start, own.end):
        page = pages[number]
        links = Links.of(page, number, index)
        if part.stamp is not None:
            text = stamp_text(part.stamp, numbers.of(number), numbers.last)
            drawn = _check_stamp(page, text, number)
            if back is not None:
                links.take_back(drawn, back)
        if number in ours:
            links.check_ours(ours[number])
        else:
            links.check_brought(own.start, own.end)


def _check_stamp(page: Page, text: str, number: int) -> bytes:
    """The stamp's stream."""
    drawn = page.obj.Contents[-1].read_bytes()
    if win_ansi(text) not in drawn:
        raise NotAsPlanned(f"Page {number + 1:,} does not carry its number.")
    return drawn


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
