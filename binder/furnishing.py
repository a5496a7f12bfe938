"""Pages of ours for a backup, counted and drawn in a child process: what drawing takes in memory,
and much of its time, stays out of the process that links."""

import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from binder.fragment import Fragment
from binder.isolation import run_limited
from binder.layout import Layout, OwnPages
from binder.limits import Limits
from binder.plan import Plan

#: Our own pages are no hostile input, and the index of a large project has a thousand of them.
_LIMITS = Limits(cpu_seconds=600, wall_seconds=900.0)

#: Left, bottom, right, top; page of the piece; index of a document; kind of furniture.
DrawnLink = tuple[tuple[float, float, float, float], int, int | None, str]


class DrawingFailed(Exception):
    """A defect of ours; the text is the child's traceback."""


@dataclass(frozen=True, slots=True)
class DrawnPiece:
    """A piece of furniture, drawn: its fragment and where it leads."""

    fragment: Fragment
    links: tuple[DrawnLink, ...]


def count(plan: Plan, notes: Sequence[str]) -> OwnPages:
    """The pages that each part of ours takes; see `binder.render.furniture.volume`."""

    def counting() -> dict[str, Any]:
        from binder.render.furniture import volume  # noqa: PLC0415 - the child's memory

        return asdict(volume.count(plan, notes))

    return OwnPages(**_in_child(counting))


def draw(
    plan: Plan, layout: Layout, notes: Sequence[str], inputs_sha256: str, folder: Path
) -> dict[tuple[int, int], DrawnPiece]:
    """All furniture, drawn into `folder`, by the number of its volume and its first page."""

    def drawing() -> dict[str, Any]:
        from binder.own_pages import fragment_of_own  # noqa: PLC0415 - the child's memory
        from binder.render.furniture import volume  # noqa: PLC0415

        pieces = []
        for each in layout.volumes:
            for piece, drawn in volume.draw_volume(plan, layout, each, notes, inputs_sha256):
                fragment_of_own(drawn.pdf, _path(folder, each.number, piece.first_page))
                links = [(e.rect, e.page, e.document, e.furniture) for e in drawn.links]
                pieces.append((each.number, piece.first_page, links))
        return {"pieces": pieces}

    return {
        (number, first_page): DrawnPiece(
            Fragment.open(_path(folder, number, first_page)),
            tuple((tuple(rect), *rest) for rect, *rest in links),
        )
        for number, first_page, links in _in_child(drawing)["pieces"]
    }


def _path(folder: Path, volume: int, first_page: int) -> Path:
    return folder / f"own-{volume}-{first_page}.pdf"


def _in_child(function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    answer = run_limited(lambda: _answer(function), _LIMITS)
    if "failed" in answer:
        raise DrawingFailed(answer["failed"])
    return answer


def _answer(function: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Runs in the child, whose errors would otherwise be lost."""
    try:
        return function()
    except Exception:  # noqa: BLE001 - whatever it is, the parent raises it
        return {"failed": traceback.format_exc()}
