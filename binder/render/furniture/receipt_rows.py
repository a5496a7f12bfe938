"""The table of the receipt."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from binder.plan import EntryKind, Plan
from binder.render import style
from binder.render.furniture.columns import PADDING, Column, ColumnPart, columns, head_row
from binder.render.furniture.flow import Row
from binder.render.furniture.groups import InvoiceGroup, by_contract
from binder.render.furniture.pen import LEFT, WIDTH, Pen, baseline
from binder.render.furniture.texts import counted, invoice_name
from binder.render.wrap import clip_lines, wrap

_INVOICE, _LINE, _AIR, _TOTAL = 13.0, 8.5, 3.0, 16.0
_SIZE, _NOTE = 7.0, 6.2
#: 64 digits of the monospaced face in the digest's column.
DIGEST = 5.5
_MOST_LINES = 6


@dataclass(frozen=True, slots=True)
class _Cells:
    order: Column
    name: Column
    kind: Column
    pages_in: Column
    pages_out: Column
    volume: Column | None
    first_page: Column
    digest: Column

    @classmethod
    def of(cls, *, volumes: bool) -> "_Cells":
        volume: list[ColumnPart] = [("Vol.", 22, "right")] if volumes else []
        first, kind, pages_in, pages_out, *rest = columns(
            ("Document", 0, "left"),
            ("Kind", 48, "left"),
            ("Pages\nin", 27, "right"),
            ("Pages\nout", 27, "right"),
            *volume,
            ("First\npage", 33, "right"),
            ("SHA-256", 220, "left"),
        )
        return cls(
            order=Column("No.", first.x, 20, "right"),
            name=Column(first.head, first.x + 26, first.room - 26),
            kind=kind,
            pages_in=pages_in,
            pages_out=pages_out,
            volume=rest[0] if volumes else None,
            first_page=rest[-2],
            digest=rest[-1],
        )

    @property
    def all(self) -> list[Column]:
        volume = [self.volume] if self.volume else []
        pages = [self.pages_in, self.pages_out, *volume, self.first_page]
        return [self.order, self.name, self.kind, *pages, self.digest]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of each document: a number each; volumes and notes may be absent."""

    first_pages: Sequence[int]
    pages_out: Sequence[int]
    volumes: Sequence[int]
    notes: Sequence[str]

    def check(self, count: int) -> None:
        """ValueError unless each has `count` entries."""
        needed = {len(self.first_pages), len(self.pages_out)}
        optional = {len(self.volumes), len(self.notes)}
        if needed != {count} or not optional <= {0, count}:
            raise ValueError(f"The receipt needs one number for each of {count} documents")


def document_rows(plan: Plan, written: Written) -> Iterator[Row]:
    """A row for each document under its invoice, and the sum of their pages."""
    written.check(len(plan.documents))
    table = _Table(plan, written)
    yield table.head
    for contract in by_contract(plan):
        for group in contract.invoices:
            yield from table.invoice_rows(group)
    yield Row(_TOTAL, table.total, heads=(table.head,))


class _Table:
    def __init__(self, plan: Plan, written: Written) -> None:
        self._plan = plan
        self._written = written
        self._cells = _Cells.of(volumes=bool(written.volumes))
        self.head = head_row(self._cells.all)
        self._kinds = {
            EntryKind.INVOICE: plan.label("Invoice"),
            EntryKind.SIGNED: "Signed copy",
            EntryKind.ATTACHMENT: "Attachment",
            EntryKind.PLACEHOLDER: "Placeholder",
        }

    def invoice_rows(self, group: InvoiceGroup) -> Iterator[Row]:
        again = Row(_INVOICE, partial(self._invoice, group, " (continued)"))
        heads = (self.head, again)
        yield Row(_INVOICE, partial(self._invoice, group, ""), keep=True, heads=(self.head,))
        last = len(self._plan.documents) - 1
        for at in group.documents:
            yield self._document_row(at, heads, keep=at == last)

    def _invoice(self, group: InvoiceGroup, suffix: str, pen: Pen, top: float) -> None:
        pen.band(LEFT, top - _INVOICE, WIDTH, _INVOICE, style.TINT)
        contract = group.invoice.contract
        name = f"{contract.number} {contract.company} · {invoice_name(self._plan, group.invoice)}"
        y = baseline(top, _INVOICE, _SIZE)
        pen.put(LEFT + PADDING, y, name + suffix, room=WIDTH - 2 * PADDING, size=_SIZE, bold=True)

    def _document_row(self, at: int, heads: tuple[Row, ...], *, keep: bool) -> Row:
        room = self._cells.name.room
        name = wrap(self._plan.documents[at].name, room, _SIZE, is_name=True)
        lines = clip_lines(name, _MOST_LINES)
        texts = [(line, _SIZE, style.INK) for line in lines]
        if self._written.notes and self._written.notes[at]:
            room = self._cells.kind.right - self._cells.name.x
            lines = clip_lines(wrap(self._written.notes[at], room, _NOTE), _MOST_LINES)
            texts += [(line, _NOTE, style.MUTED) for line in lines]
        height = _LINE * len(texts) + _AIR
        return Row(height, partial(self._document, at, texts), keep, heads)

    def _document(self, at: int, texts: list[tuple[str, float, str]], pen: Pen, top: float) -> None:
        cells = self._cells
        y = baseline(top - _AIR / 2, _LINE, _SIZE)
        pen.put(
            cells.order.x, y, f"{at + 1:,}", room=cells.order.room, size=_SIZE,
            ink=style.MUTED, side="right", smallest=5,
        )  # fmt: skip
        cells.kind.put(pen, y, self._kinds[self._plan.documents[at].kind])
        self._numbers(at, pen, y)
        for line, size, ink in texts:
            pen.line(cells.name.x, y, line, size=size, ink=ink)
            y -= _LINE
        height = _LINE * len(texts) + _AIR
        pen.rule(top - height)
        pen.link(top - height, height, document=at)

    def _numbers(self, at: int, pen: Pen, y: float) -> None:
        document, cells, written = self._plan.documents[at], self._cells, self._written
        out = written.pages_out[at]
        agrees = out == document.pages
        cells.pages_in.put(pen, y, f"{document.pages:,}")
        ink = style.INK if agrees else style.WARNING
        cells.pages_out.put(pen, y, f"{out:,}", bold=not agrees, ink=ink)
        if cells.volume:
            cells.volume.put(pen, y, str(written.volumes[at]))
        cells.first_page.put(pen, y, f"{written.first_pages[at]:,}")
        pen.digest(cells.digest.x, y, document.sha256, size=DIGEST)

    def total(self, pen: Pen, top: float) -> None:
        """The last row: how many documents, pages in, pages out."""
        pen.rule(top, weight=0.9, colour=style.INK)
        y = baseline(top, _TOTAL, style.CELL)
        documents, cells = self._plan.documents, self._cells
        pen.put(LEFT + PADDING, y, f"Total: {counted(len(documents), 'document')}",
                room=cells.kind.right - LEFT - PADDING, bold=True)  # fmt: skip
        cells.pages_in.put(pen, y, f"{sum(each.pages for each in documents):,}", bold=True)
        cells.pages_out.put(pen, y, f"{sum(self._written.pages_out):,}", bold=True)
