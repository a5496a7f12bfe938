"""Pages of ours for a backup, counted and drawn in a child process: what drawing takes in memory,
and much of its time, stays out of the process that links."""

import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from binder.fragment import Fragment
from binder.layout import Layout, OwnPages, Piece, PieceKind, Volume
from binder.limits import Limits
from binder.plan import Plan
from binder.workshop import Workshop

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


class Furnisher:
    """Counts and draws the pages of ours of one plan, both in the same child; close it after."""

    def __init__(self, plan: Plan, notes: Sequence[str]) -> None:
        self._plan = plan
        self._notes = notes
        self._child = Workshop(self._answer, _LIMITS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.close()

    def count(self) -> OwnPages:
        """The pages that each part of ours takes; see `binder.render.furniture.volume`."""
        return OwnPages(**self._ask({}))

    def draw(
        self, layout: Layout, inputs_sha256: str, folder: Path
    ) -> dict[tuple[int, int], DrawnPiece]:
        """All furniture, drawn into `folder`, by the number of its volume and its first page."""
        request = {
            "layout": asdict(layout),
            "inputs_sha256": inputs_sha256,
            "folder": str(folder),
        }
        return {
            (number, first_page): DrawnPiece(
                Fragment.open(_path(folder, number, first_page)),
                tuple((tuple(rect), *rest) for rect, *rest in links),
            )
            for number, first_page, links in self._ask(request)["pieces"]
        }

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        answer = self._child.ask(request)
        if "failed" in answer:
            raise DrawingFailed(answer["failed"])
        return answer

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Runs in the child, whose errors would otherwise be lost."""
        try:
            return self._draw(request) if request else self._count()
        except Exception:  # noqa: BLE001 - whatever it is, the parent raises it
            return {"failed": traceback.format_exc()}

    def _count(self) -> dict[str, Any]:
        from binder.render.furniture import volume  # noqa: PLC0415 - the child's memory

        return asdict(volume.count(self._plan, self._notes))

    def _draw(self, request: dict[str, Any]) -> dict[str, Any]:
        from binder.own_pages import fragment_of_own  # noqa: PLC0415 - the child's memory
        from binder.render.furniture import volume  # noqa: PLC0415

        layout, folder = _layout(request["layout"]), Path(request["folder"])
        pieces = []
        for each in layout.volumes:
            for piece, drawn in volume.draw_volume(
                self._plan, layout, each, self._notes, request["inputs_sha256"]
            ):
                fragment_of_own(drawn.pdf, _path(folder, each.number, piece.first_page))
                links = [(e.rect, e.page, e.document, e.furniture) for e in drawn.links]
                pieces.append((each.number, piece.first_page, links))
        return {"pieces": pieces}


def _layout(plain: dict[str, Any]) -> Layout:
    """The inverse of `asdict`."""
    return Layout(
        tuple(
            Volume(
                **each
                | {
                    "pieces": tuple(
                        Piece(**piece | {"kind": PieceKind(piece["kind"])})
                        for piece in each["pieces"]
                    )
                }
            )
            for each in plain["volumes"]
        )
    )


def _path(folder: Path, volume: int, first_page: int) -> Path:
    return folder / f"own-{volume}-{first_page}.pdf"
