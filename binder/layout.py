"""What stands where: the order of a backup's pages, and how it is split into volumes.

Pure arithmetic: how many pages each part takes is known before any of it is drawn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise

from binder.numbers import Numbers
from binder.plan import Plan

#: Bytes reserved for a page of ours and for the fonts of each part that we draw; measured pages
#: take between three and nine thousand.
_OWN_PAGE = 12_000
_OWN_PART = 100_000
#: Bytes that every page costs beyond its own: stamp, link, reference table, bookmark.
PAGE_OVERHEAD = 700

_MEGABYTE = 1_000_000


class PieceKind(StrEnum):
    """What a run of pages is. All but documents are furniture."""

    COVER = "cover"
    INDEX = "index"
    TIE_OUT = "tie_out"
    SEPARATOR = "separator"
    DOCUMENT = "document"
    RECEIPT = "receipt"
    #: The list of what stayed out, where no receipt says so.
    LEFT_OUT = "left_out"


#: What people call the furniture that stands for itself: on the cover and in the bookmarks.
TITLES = {
    PieceKind.COVER: "Cover",
    PieceKind.INDEX: "Index",
    PieceKind.TIE_OUT: "Tie-out",
    PieceKind.RECEIPT: "Receipt",
    PieceKind.LEFT_OUT: "Left out of this backup",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of pages in one volume. `first_page` counts from 1.

    `document` is an index into the plan's documents; of a separator, the first one behind it.
    """

    kind: PieceKind
    first_page: int
    pages: int
    document: int | None = None

    @property
    def last_page(self) -> int:
        return self.first_page + self.pages - 1


@dataclass(frozen=True, slots=True)
class Volume:
    """One file, its pieces in order. `number` counts from 1."""

    number: int
    pieces: tuple[Piece, ...]
    #: How much larger the number printed on a page is than its place in the file, and the number
    #: of the last page there is; None where that is the last page of this volume.
    before: int = 0
    numbered_to: int | None = None

    @property
    def pages(self) -> int:
        return self.pieces[-1].last_page if self.pieces else 0

    @property
    def numbers(self) -> Numbers:
        """What is printed on its pages."""
        return Numbers(self.before, self.numbered_to or self.pages)

    def first_page_of(self, kind: PieceKind) -> int | None:
        """Where the furniture of this kind begins in this volume, if it is there."""
        return next((piece.first_page for piece in self.pieces if piece.kind is kind), None)

    @property
    def documents(self) -> dict[int, Piece]:
        """The documents in this volume, by index."""
        return {
            piece.document: piece
            for piece in self.pieces
            if piece.kind is PieceKind.DOCUMENT and piece.document is not None
        }


@dataclass(frozen=True, slots=True)
class OwnPages:
    """How many pages each part of ours takes; 0 for what the backup goes without."""

    cover: int = 0
    index: int = 0
    tie_out: int = 0
    receipt: int = 0
    left_out: int = 0
    #: The receipt in a backup of several volumes.
    receipt_with_volumes: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """All volumes; one, unless the recipe asks for more and they are needed."""

    volumes: tuple[Volume, ...]

    @property
    def pages(self) -> int:
        return sum(volume.pages for volume in self.volumes)

    def places(self) -> list[tuple[int, int]]:
        """(volume, first page) of each document, both from 1."""
        found = {
            index: (volume.number, piece.first_page)
            for volume in self.volumes
            for index, piece in volume.documents.items()
        }
        return [found[index] for index in range(len(found))]

    def numbers(self) -> list[int]:
        """The number printed on the first page of each document."""
        before = {volume.number: volume.before for volume in self.volumes}
        return [before[volume] + page for volume, page in self.places()]


def lay_out(plan: Plan, own: OwnPages, sizes: Sequence[int]) -> Layout:
    """Where every page of `plan` goes. `sizes` are the bytes of each document."""
    layout = _laid_out(plan, own, sizes)
    return _continued(layout, plan.pages_before) if plan.addendum else layout


def _continued(layout: Layout, before: int) -> Layout:
    """With the numbers of an addendum: one row of them through all its volumes, since those of
    the backup that it follows go on."""
    starts = accumulate((volume.pages for volume in layout.volumes), initial=before)
    last = before + layout.pages
    return Layout(
        tuple(
            replace(volume, before=start, numbered_to=last)
            for volume, start in zip(layout.volumes, starts, strict=False)
        )
    )


def _laid_out(plan: Plan, own: OwnPages, sizes: Sequence[int]) -> Layout:
    documents = range(len(plan.documents))
    if not plan.recipe.has_volumes or _fits(plan, own, sizes):
        return Layout((_volume(plan, own, 1, documents, is_first=True, is_last=True),))
    runs = _split(plan, own, sizes)
    last = len(runs) - 1
    return Layout(
        tuple(
            _volume(plan, own, at + 1, run, is_first=at == 0, is_last=at == last, is_one=False)
            for at, run in enumerate(runs)
        )
    )


def _volume(
    plan: Plan,
    own: OwnPages,
    number: int,
    documents: range,
    *,
    is_first: bool,
    is_last: bool,
    is_one: bool = True,
) -> Volume:
    receipt = own.receipt if is_one else own.receipt_with_volumes
    pieces: list[tuple[PieceKind, int, int | None]] = [
        (PieceKind.COVER, own.cover, None),
        (PieceKind.INDEX, own.index, None),
        (PieceKind.TIE_OUT, own.tie_out if is_first else 0, None),
    ]
    for index in documents:
        if _begins_contract(plan, index):
            pieces.append((PieceKind.SEPARATOR, int(plan.recipe.separators), index))
        pieces.append((PieceKind.DOCUMENT, plan.documents[index].pages, index))
    if is_last:
        pieces += [(PieceKind.RECEIPT, receipt, None), (PieceKind.LEFT_OUT, own.left_out, None)]
    return Volume(number, tuple(_numbered(pieces)))


def _numbered(pieces: Sequence[tuple[PieceKind, int, int | None]]) -> Iterator[Piece]:
    starts = accumulate((pages for _, pages, _ in pieces), initial=1)
    for (kind, pages, document), start in zip(pieces, starts, strict=False):
        if pages:
            yield Piece(kind, start, pages, document)


def _begins_contract(plan: Plan, index: int) -> bool:
    documents = plan.documents
    number = documents[index].invoice.contract.number
    return index == 0 or documents[index - 1].invoice.contract.number != number


@dataclass(frozen=True, slots=True)
class _Weight:
    """What something takes of a volume."""

    pages: int
    size: int

    def __add__(self, other: "_Weight") -> "_Weight":
        return _Weight(self.pages + other.pages, self.size + other.size)

    def fits(self, plan: Plan) -> bool:
        pages, megabytes = plan.recipe.volume_pages, plan.recipe.volume_megabytes
        return (pages is None or self.pages <= pages) and (
            megabytes is None or self.size <= megabytes * _MEGABYTE
        )


def _own(*pages: int) -> _Weight:
    """Of parts that we draw, by their pages."""
    count = sum(pages)
    return _Weight(count, count * _OWN_PAGE + sum(map(bool, pages)) * _OWN_PART)


def _fits(plan: Plan, own: OwnPages, sizes: Sequence[int]) -> bool:
    """Whether one file holds everything."""
    weight = _own(own.cover, own.index, own.tie_out, own.receipt, own.left_out)
    for index in range(len(plan.documents)):
        weight += _document(plan, index, sizes)
    return weight.fits(plan)


def _document(plan: Plan, index: int, sizes: Sequence[int]) -> _Weight:
    """Of a document, with the separator in front of it."""
    pages = plan.documents[index].pages
    weight = _Weight(pages, sizes[index] + pages * PAGE_OVERHEAD)
    if plan.recipe.separators and _begins_contract(plan, index):
        weight += _own(1)
    return weight


def _split(plan: Plan, own: OwnPages, sizes: Sequence[int]) -> list[range]:
    """The documents of each volume: as many whole invoices as it holds, but at least one document.

    An invoice that no volume holds starts one of its own and goes on in the next ones. Where the
    receipt no longer fits behind the last document, a volume without documents carries it.
    """
    front = _own(own.cover, own.index)
    used = _own(own.cover, own.index, own.tie_out)
    starts = [0]
    for run in _invoices(plan):
        weights = [_document(plan, index, sizes) for index in run]
        whole = sum(weights, _Weight(0, 0))
        if (used + whole).fits(plan):
            used += whole
            continue
        if run.start > starts[-1]:
            starts.append(run.start)
            used = front
        for index, weight in zip(run, weights, strict=True):
            if index > starts[-1] and not (used + weight).fits(plan):
                starts.append(index)
                used = front
            used += weight
    end = _own(own.receipt_with_volumes, own.left_out)
    if end.pages and not (used + end).fits(plan):
        starts.append(len(plan.documents))
    return [range(start, end) for start, end in pairwise([*starts, len(plan.documents)])]


def _invoices(plan: Plan) -> Iterator[range]:
    """The documents of each invoice, as they follow each other."""
    start = 0
    for index in range(1, len(plan.documents) + 1):
        at_end = index == len(plan.documents)
        if at_end or plan.documents[index].invoice != plan.documents[start].invoice:
            yield range(start, index)
            start = index
