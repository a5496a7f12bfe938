"""The furniture of a volume: how many pages each part takes, and each part drawn."""

from collections.abc import Iterator, Sequence
from io import BytesIO

import pikepdf

from binder.errors import BinderError
from binder.layout import Layout, OwnPages, Piece, PieceKind, Volume
from binder.plan import Invoice, Plan
from binder.render.furniture.checks import Check
from binder.render.furniture.contents import contents
from binder.render.furniture.cover import COVER_PAGES, cover
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.index import index, index_page_count
from binder.render.furniture.receipt import receipt, receipt_page_count
from binder.render.furniture.separator import separator
from binder.render.furniture.tie_out import tie_out, tie_out_page_count

LINES_RULE = "The amount of each invoice is the sum of its lines"
CERTIFICATES_RULE = "Line 7 of each invoice is line 6 of the invoice before it"


class FurnitureDiffers(BinderError):
    """A page of ours came out otherwise than it was counted."""


def count(plan: Plan, notes: Sequence[str]) -> OwnPages:
    """The pages that each part takes, 0 for those that the recipe goes without.

    What stayed out is never left out silently: without a receipt, a list of it comes all the same.
    """
    recipe = plan.recipe
    several = [1] * len(plan.documents)
    return OwnPages(
        cover=COVER_PAGES if recipe.cover else 0,
        index=index_page_count(plan) if recipe.index else 0,
        tie_out=tie_out_page_count(plan, checks(plan)) if recipe.tie_out else 0,
        receipt=receipt_page_count(plan, notes=notes) if recipe.receipt else 0,
        receipt_with_volumes=receipt_page_count(plan, volumes=several, notes=notes)
        if recipe.receipt and recipe.has_volumes
        else 0,
        left_out=_left_out(plan).pages if plan.left_out and not recipe.receipt else 0,
    )


def draw_volume(
    plan: Plan, layout: Layout, volume: Volume, notes: Sequence[str], inputs_sha256: str
) -> Iterator[tuple[Piece, Drawn]]:
    """Every piece of `volume` but its documents. Raises FurnitureDiffers."""
    places = layout.places()
    first_pages = layout.numbers()
    volumes = [number for number, _ in places] if len(layout.volumes) > 1 else []
    out = [document.pages for document in plan.documents]

    def draw(piece: Piece) -> Drawn:
        match piece.kind:
            case PieceKind.COVER:
                return cover(
                    plan,
                    total_pages=layout.pages,
                    contents=contents(plan, volume),
                    manifest_sha256=inputs_sha256,
                    volume=(volume.number, len(layout.volumes)) if volumes else None,
                )
            case PieceKind.INDEX:
                return index(plan, first_pages, volumes=volumes)
            case PieceKind.TIE_OUT:
                return tie_out(plan, checks(plan))
            case PieceKind.RECEIPT:
                return receipt(
                    plan, first_pages, out, total_pages=layout.pages, volumes=volumes, notes=notes
                )
            case PieceKind.LEFT_OUT:
                return _left_out(plan)
            case _:
                assert piece.document is not None
                return separator(plan, plan.documents[piece.document].invoice.contract.number)

    for piece in volume.pieces:
        if piece.kind is not PieceKind.DOCUMENT:
            drawn = draw(piece)
            if drawn.pages != piece.pages:
                raise FurnitureDiffers(
                    f"The {piece.kind} took {drawn.pages:,} pages instead of {piece.pages:,}."
                )
            yield piece, drawn


def checks(plan: Plan) -> list[Check]:
    """What the amounts of the plan allow to compare, invoice by invoice."""
    invoices = list(dict.fromkeys(document.invoice for document in plan.documents))
    return [*_lines(invoices), *_certificates(invoices)]


def _lines(invoices: Sequence[Invoice]) -> Iterator[Check]:
    for invoice in invoices:
        if invoice.lines_this_period is not None:
            yield Check(LINES_RULE, invoice, invoice.lines_this_period, invoice.gross_this_period)


def _certificates(invoices: Sequence[Invoice]) -> Iterator[Check]:
    for invoice in invoices:
        if invoice.previous_certificates is not None and invoice.earned_before is not None:
            yield Check(
                CERTIFICATES_RULE, invoice, invoice.earned_before, invoice.previous_certificates
            )


def _left_out(plan: Plan) -> Drawn:
    # Rarely needed, and what it draws with takes as long to load as all the rest here.
    from binder.render.notices import left_out_pages  # noqa: PLC0415

    pdf = left_out_pages(plan)
    with pikepdf.open(BytesIO(pdf)) as drawn:
        return Drawn(pdf, len(drawn.pages))
