"""From the layout to the linker's parts: bookmarks, stamps and links of every piece."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

from binder.back_links import Place
from binder.fragment import Fragment
from binder.furnishing import DrawnPiece
from binder.layout import TITLES, Layout, Piece, PieceKind, Volume
from binder.linker import Part
from binder.page_links import PageLink
from binder.plan import Invoice, Plan

#: What pages of ours say where the stamp speaks of a contract or an invoice.
_OWN_STAMP = "Backup {backup} · p. {page} of {pages}"
#: Points that stay in sight above the row to which a page leads back.
_ABOVE = 60.0
_OF_INVOICES = frozenset({"contract", "invoice", "position"})


@dataclass(frozen=True, slots=True)
class PlacedPart:
    """A part of a volume and the piece that it is."""

    piece: Piece
    part: Part


def parts_of(
    plan: Plan,
    layout: Layout,
    volume: Volume,
    fragments: Sequence[Fragment],
    drawn: Mapping[tuple[int, int], DrawnPiece],
) -> Iterator[PlacedPart]:
    """The parts of `volume` in the order of its pages.

    `fragments` are those of the plan's documents, `drawn` those of furniture by (volume, first
    page), as far as they are there: a piece without its drawing is passed over.
    """
    names = _Names(plan, f"Vol. {volume.number} · " if len(layout.volumes) > 1 else "")
    for piece in volume.pieces:
        headings = tuple(names.headings(piece))
        if piece.kind is PieceKind.DOCUMENT and piece.document is not None:
            invoice = plan.documents[piece.document].invoice
            part = Part(
                fragments[piece.document],
                headings,
                names.stamp(invoice),
                leads_back=leads_back(plan, volume),
                source_bookmarks=plan.recipe.source_bookmarks,
            )
            yield PlacedPart(piece, part)
        elif own := drawn.get((volume.number, piece.first_page)):
            links = tuple(_links(volume, own)) if plan.recipe.links else ()
            yield PlacedPart(piece, Part(own.fragment, headings, names.stamp(None), links))


def leads_back(plan: Plan, volume: Volume) -> bool:
    """Whether the stamp on each page of a document is a link to its row of the index."""
    recipe = plan.recipe
    return recipe.stamps and recipe.links and volume.first_page_of(PieceKind.INDEX) is not None


def places_back(
    plan: Plan, volume: Volume, drawn: Mapping[tuple[int, int], DrawnPiece]
) -> dict[int, Place]:
    """By first page of each document (from 0), where the index of the volume names it."""
    start = volume.first_page_of(PieceKind.INDEX)
    if start is None or not leads_back(plan, volume):
        return {}
    rows: dict[int, Place] = {}
    for rect, page, document, _ in drawn[volume.number, start].links:
        # The first row that leads to it: of an invoice's first document, the invoice's own.
        if document is not None and document not in rows:
            rows[document] = Place(start - 1 + page, rect[3] + _ABOVE)
    return {piece.first_page - 1: rows[at] for at, piece in volume.documents.items()}


def _links(volume: Volume, own: DrawnPiece) -> Iterator[PageLink]:
    """Where a drawn piece leads within its own volume; what is in another one is text only."""
    documents = volume.documents
    for rect, page, document, furniture in own.links:
        if document is None:
            target = volume.first_page_of(PieceKind(furniture))
        else:
            target = documents[document].first_page if document in documents else None
        if target is not None:
            yield PageLink(page, rect, target - 1)


class _Names:
    """What the pieces of one volume are called, one after the other."""

    def __init__(self, plan: Plan, prefix: str) -> None:
        self._plan = plan
        self._prefix = prefix
        self._contract: str | None = None
        self._position: int | None = None

    def headings(self, piece: Piece) -> Iterator[tuple[int, str]]:
        """Bookmarks contract → invoice → document, where a new one begins."""
        if piece.document is None:
            yield 0, TITLES[piece.kind]
            return
        document = self._plan.documents[piece.document]
        invoice = document.invoice
        contract = invoice.contract
        if contract.number != self._contract:
            yield 0, " ".join(part for part in (contract.number, contract.company) if part)
            self._contract, self._position = contract.number, None
        if piece.kind is PieceKind.DOCUMENT:
            if invoice.position != self._position:
                called = self._called(invoice)
                yield 1, ", ".join(part for part in (called, invoice.period) if part)
                self._position = invoice.position
            yield 2, document.title

    def _called(self, invoice: Invoice) -> str:
        """“Invoice 7”, with the company's own number where it has one: “Invoice 7 (A-113)”."""
        number = f" ({invoice.number})" if invoice.number else ""
        return f"{self._plan.label('Invoice')} {invoice.position}{number}"

    def stamp(self, invoice: Invoice | None) -> str | None:
        """What the stamp says, but for the page; None for a page of ours where it speaks of an
        invoice only."""
        recipe = self._plan.recipe
        if not recipe.stamps:
            return None
        text = recipe.stamp
        values = {"backup": f"{self._plan.number:,}", "page": "{page}", "pages": "{pages}"}
        if invoice is not None:
            values["contract"] = _printable(invoice.contract.number)
            values["position"] = str(invoice.position)
            values["invoice"] = _printable(invoice.number) or values["position"]
        elif any(name in _OF_INVOICES for _, name, _, _ in Formatter().parse(text)):
            text = _OWN_STAMP
        return self._prefix + text.format_map(values)


def _printable(text: str) -> str:
    """Without the braces that the linker would take for its own."""
    return text.replace("{", "(").replace("}", ")")
