"""The rows of the index; what they say is put into words only when they are drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from binder.plan import Addendum, Document, EntryKind, Plan, Removed
from binder.render import style
from binder.render.furniture.columns import PADDING, head_row
from binder.render.furniture.flow import Row, space
from binder.render.furniture.groups import (
    Amounts,
    ContractGroup,
    InvoiceGroup,
    by_contract,
    invoices_of,
)
from binder.render.furniture.index_cells import IndexCells
from binder.render.furniture.pen import LEFT, WIDTH, Pen, baseline
from binder.render.furniture.texts import contract_name, counted, invoice_name

_CONTRACT, _INVOICE, _DOCUMENT, _TOTAL = 15.0, 13.0, 11.0, 17.0
_GAP = 3.0
_INDENT = 12.0
_MARK_ROOM = 50.0
#: Letters of required documents on one line.
_LINE = 110


class IndexRows:
    """Builds the rows of one index."""

    def __init__(
        self,
        plan: Plan,
        first_pages: Sequence[int],
        volumes: Sequence[int],
    ) -> None:
        self._plan = plan
        self._first_pages = first_pages
        self._volumes = volumes
        self._cells = IndexCells.of(volumes=bool(volumes))

    def rows(self) -> list[Row]:
        """All rows, in order."""
        groups = by_contract(self._plan)
        head = head_row(self._cells.all)
        rows = [row for group in groups for row in self._contract_rows(group, head)]
        if rows:
            rows[-1] = replace(rows[-1], keep=True)
            rows.append(Row(_TOTAL, partial(self._total, groups), heads=(head,)))
        else:
            rows.append(Row(_TOTAL, _nothing))
        if self._plan.addendum and self._plan.addendum.removed:
            rows += _removed_rows(self._plan.label("Invoice"), self._plan.addendum)
        return [head, *rows]

    def _contract_rows(self, group: ContractGroup, head: Row) -> Iterator[Row]:
        # The gap above a contract is part of its row, so that no page begins with a gap alone.
        yield Row(
            _CONTRACT + _GAP,
            lambda pen, top: self._contract(group, pen, top - _GAP),
            keep=True,
            heads=(head,),
        )
        heads = (head, Row(_CONTRACT, partial(self._contract_again, group)))
        for each in group.invoices:
            yield Row(_INVOICE, partial(self._invoice, each), keep=True, heads=heads)
            again = Row(_INVOICE, partial(self._invoice_again, each))
            for line in _required_lines(each.invoice.required):
                yield Row(_DOCUMENT, partial(self._required, line), keep=True, heads=heads)
            for document in each.documents:
                yield Row(_DOCUMENT, partial(self._document, document), heads=(*heads, again))

    def _contract(self, group: ContractGroup, pen: Pen, top: float) -> None:
        self._contract_head(group, "", pen, top)
        y = baseline(top, _CONTRACT, style.CELL)
        self._amounts(pen, y, group.amounts, bold=True)
        self._pages(pen, y, group.documents, bold=True)

    def _contract_again(self, group: ContractGroup, pen: Pen, top: float) -> None:
        """Without amounts: who adds up the column must meet each of them once."""
        self._contract_head(group, " (continued)", pen, top)

    def _contract_head(self, group: ContractGroup, suffix: str, pen: Pen, top: float) -> None:
        bottom = top - _CONTRACT
        pen.band(LEFT, bottom, WIDTH, _CONTRACT, style.TINT)
        name = self._cells.name
        pen.put(
            name.x, baseline(top, _CONTRACT, style.CELL), contract_name(group.contract, suffix),
            room=self._cells.this_period.x - name.x - 2 * PADDING, bold=True, smallest=6.5,
        )  # fmt: skip
        pen.link(bottom, _CONTRACT, document=group.documents.start)

    def _invoice(self, group: InvoiceGroup, pen: Pen, top: float) -> None:
        y = baseline(top, _INVOICE, style.CELL)
        cells, invoice = self._cells, group.invoice
        cells.name.put(pen, y, invoice_name(self._plan, invoice), bold=True)
        cells.period.put(pen, y, invoice.period)
        cells.status.put(pen, y, invoice.status)
        cells.signed.put(pen, y, invoice.signed)
        self._amounts(pen, y, Amounts.of([invoice]))
        self._pages(pen, y, group.documents)
        pen.rule(top - _INVOICE)
        pen.link(top - _INVOICE, _INVOICE, document=group.documents.start)

    def _invoice_again(self, group: InvoiceGroup, pen: Pen, top: float) -> None:
        name = invoice_name(self._plan, group.invoice) + " (continued)"
        cell = self._cells.name
        room = self._cells.this_period.x - cell.x - 2 * PADDING
        pen.put(cell.x, baseline(top, _INVOICE, style.CELL), name, room=room, bold=True)
        pen.rule(top - _INVOICE)
        pen.link(top - _INVOICE, _INVOICE, document=group.documents.start)

    def _required(self, line: str, pen: Pen, top: float) -> None:
        x = self._cells.name.x + _INDENT
        room = self._cells.due.right - x - PADDING
        pen.put(x, baseline(top, _DOCUMENT, style.CELL), line, room=room, smallest=5.0)

    def _document(self, at: int, pen: Pen, top: float) -> None:
        y = baseline(top, _DOCUMENT, style.CELL)
        document = self._plan.documents[at]
        end = self._cells.due.right - (_MARK_ROOM if document.mark else 0)
        x = self._cells.name.x + _INDENT
        used = pen.put(
            x, y, self._name(document), room=end - x - PADDING, ink=style.MUTED, is_name=True
        )  # fmt: skip
        if document.mark:
            pen.put(
                end, y, document.mark.value.capitalize(), room=_MARK_ROOM,
                bold=True, ink=style.WARNING, side="right",
            )  # fmt: skip
        pen.leader(x + used + PADDING, end, y)
        if self._cells.volume:
            self._cells.volume.put(pen, y, str(self._volumes[at]), ink=style.MUTED)
        self._cells.pages.put(pen, y, f"{self._first_pages[at]:,}", ink=style.MUTED)
        pen.link(top - _DOCUMENT, _DOCUMENT, document=at)

    def _name(self, document: Document) -> str:
        """Its name; of a signed copy also who signed, where the column is too narrow to say so."""
        signed = document.invoice.signed
        if document.kind == EntryKind.SIGNED and not self._cells.signed.holds(signed):
            return f"{document.title} · {signed}"
        return document.title

    def _amounts(self, pen: Pen, y: float, amounts: Amounts, *, bold: bool = False) -> None:
        self._cells.this_period.amount(pen, y, amounts.this_period, bold=bold)
        self._cells.retainage.amount(pen, y, amounts.retainage_held, bold=bold)
        self._cells.due.amount(pen, y, amounts.payment_due, bold=bold)

    def _pages(self, pen: Pen, y: float, documents: range, *, bold: bool = False) -> None:
        """From which page to which; across volumes, only where it starts."""
        first, last = documents.start, documents.stop - 1
        start = self._first_pages[first]
        end = self._first_pages[last] + max(self._plan.documents[last].pages, 1) - 1
        one_volume = not self._volumes or self._volumes[first] == self._volumes[last]
        if self._cells.volume:
            self._cells.volume.put(pen, y, str(self._volumes[first]), bold=bold)
        text = f"{start:,}–{end:,}" if one_volume and end > start else f"{start:,}"
        self._cells.pages.put(pen, y, text, bold=bold)

    def _total(self, groups: Sequence[ContractGroup], pen: Pen, top: float) -> None:
        pen.rule(top, weight=0.9, colour=style.INK)
        y = baseline(top, _TOTAL, style.CELL)
        name = self._cells.name
        invoices = invoices_of(groups)
        words = ", ".join(
            [
                counted(len(groups), "contract"),
                counted(len(invoices), "invoice"),
                counted(len(self._plan.documents), "document"),
            ]
        )
        room = self._cells.this_period.x - name.x - 2 * PADDING
        pen.put(name.x, y, f"Total: {words}", room=room, bold=True)
        self._amounts(pen, y, Amounts.of(invoices), bold=True)


def _required_lines(required: Sequence[str]) -> Iterator[str]:
    """Marks in words, as many on a line as fit with certainty; none is cut off."""
    line = "Required:"
    for place, mark in enumerate(required):
        joint = " · " if place and line else " "
        if len(line) + len(mark) > _LINE and place:
            yield f"{line} ·"
            line, joint = "", ""
        line += joint + mark
    if required:
        yield line


def _nothing(pen: Pen, top: float) -> None:
    y = baseline(top, _TOTAL, style.CELL)
    pen.put(LEFT + PADDING, y, "No document is in this backup.", room=WIDTH)


def _removed_rows(invoice: str, addendum: Addendum) -> Iterator[Row]:
    title = f"Removed since backup {addendum.to:,}"
    head = Row(_CONTRACT, partial(_removed_head, title), keep=True)
    again = Row(_CONTRACT, partial(_removed_head, f"{title} (continued)"))
    yield space(8)
    yield head
    for removed in addendum.removed:
        yield Row(_DOCUMENT, partial(_removed, invoice, removed), heads=(again,))


def _removed_head(title: str, pen: Pen, top: float) -> None:
    pen.band(LEFT, top - _CONTRACT, WIDTH, _CONTRACT, style.TINT)
    y = baseline(top, _CONTRACT, style.CELL)
    pen.put(LEFT + PADDING, y, title, room=WIDTH - 2 * PADDING, bold=True)


def _removed(invoice: str, removed: Removed, pen: Pen, top: float) -> None:
    y = baseline(top, _DOCUMENT, style.CELL)
    text = f"{removed.contract} · {invoice} {removed.position} · {removed.name}"
    room = WIDTH - 3 * PADDING - _INDENT - _MARK_ROOM
    pen.put(LEFT + PADDING + _INDENT, y, text, room=room, ink=style.MUTED)
    x = LEFT + WIDTH - PADDING - _MARK_ROOM
    pen.put(
        x, y, "Removed", room=_MARK_ROOM, bold=True, ink=style.WARNING, side="right"
    )  # fmt: skip
