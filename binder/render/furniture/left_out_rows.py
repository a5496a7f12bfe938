"""The files that stayed out, with their reasons: the end of the receipt."""

from collections.abc import Iterator
from functools import partial

from binder.plan import LeftOut, Plan
from binder.render import style
from binder.render.furniture.columns import columns, head_row
from binder.render.furniture.flow import Row
from binder.render.furniture.pen import Pen, baseline
from binder.render.furniture.receipt_rows import DIGEST
from binder.render.furniture.texts import invoice_name
from binder.render.wrap import clip_lines, wrap

_LINE, _AIR = 9.5, 5.0
_MOST_LINES = 12
_INVOICE, _FILE, _REASON = _COLUMNS = columns(
    ("Contract and invoice", 0, "left"),
    ("File and its SHA-256", 226, "left"),
    ("Why it was left out", 184, "left"),
)


def left_out_rows(plan: Plan) -> Iterator[Row]:
    """A table of what was left out; no rows when there is nothing."""
    if not plan.left_out:
        return
    head = head_row(_COLUMNS)
    yield head
    for left_out in plan.left_out:
        yield _row(plan, left_out, head)


def _row(plan: Plan, left_out: LeftOut, head: Row) -> Row:
    invoice = left_out.invoice
    texts = (
        f"{invoice.contract.number}\n{invoice_name(plan, invoice)}",
        left_out.name,
        left_out.reason,
    )
    cells = [
        clip_lines(wrap(text, column.room, style.CELL, is_name=column is _FILE), _MOST_LINES)
        for column, text in zip(_COLUMNS, texts, strict=True)
    ]
    digest = 1 if left_out.sha256 else 0
    lines = max(len(cells[0]), len(cells[1]) + digest, len(cells[2]))
    height = lines * _LINE + _AIR
    return Row(height, partial(_draw, cells, left_out.sha256, height), heads=(head,))


def _draw(cells: list[list[str]], sha256: str, height: float, pen: Pen, top: float) -> None:
    start = baseline(top - _AIR / 2, _LINE, style.CELL)
    for column, lines in zip(_COLUMNS, cells, strict=True):
        y = start
        for line in lines:
            pen.line(column.x, y, line, size=style.CELL)
            y -= _LINE
    pen.digest(_FILE.x, start - _LINE * len(cells[1]), sha256, size=DIGEST)
    pen.rule(top - height)
