"""The table of contents on the cover: what a volume holds, and where."""

from collections.abc import Iterator
from itertools import groupby

from binder.layout import TITLES, Piece, PieceKind, Volume
from binder.plan import Plan
from binder.render.furniture.cover import MOST_CONTENTS, ContentsLine
from binder.render.furniture.texts import contract_name, counted


def contents(plan: Plan, volume: Volume) -> list[ContentsLine]:
    """A line for each part of ours and for each contract, or where those are too many, one for
    all of them."""
    ours = [
        ContentsLine(
            TITLES[piece.kind],
            volume.before + piece.first_page,
            volume.before + piece.last_page,
            furniture=piece.kind,
        )
        for piece in volume.pieces
        if piece.kind in TITLES and piece.kind is not PieceKind.COVER
    ]
    contracts = list(_contracts(plan, volume))
    if len(ours) + len(contracts) > MOST_CONTENTS:
        contracts = [
            ContentsLine(
                f"Documents of {counted(len(contracts), 'contract')}",
                contracts[0].first_page,
                contracts[-1].last_page,
                document=contracts[0].document,
            )
        ]
    return sorted([*ours, *contracts], key=lambda line: line.first_page)


def _contracts(plan: Plan, volume: Volume) -> Iterator[ContentsLine]:
    of_contracts = [
        (plan.documents[piece.document].invoice.contract, piece)
        for piece in volume.pieces
        if piece.document is not None
    ]
    for _, same in groupby(of_contracts, key=lambda pair: pair[0].number):
        pairs = list(same)
        contract, first = pairs[0]
        last: Piece = pairs[-1][1]
        yield ContentsLine(
            contract_name(contract),
            volume.before + first.first_page,
            volume.before + last.last_page,
            document=first.document,
        )
