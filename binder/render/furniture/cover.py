"""The cover: whose invoices these are, how much and how many, and where to find what."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing.money import format_cents
from binder.plan import EntryKind, Invoice, Plan
from binder.render import style
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.groups import Amounts, by_contract, invoices_of
from binder.render.furniture.pen import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Pen, baseline
from binder.render.furniture.texts import changes, counted, moment
from binder.render.wrap import clip_lines, wrap

COVER_PAGES = 1

_BAND, _INSET = 158.0, 20.0
_NAME_SIZE, _NAME_LEADING = 25.0, 31.0
_TILE, _SMALL_TILE, _GAP = 58.0, 44.0, 8.0
_FACT, _LINE, _TITLE = 17.0, 16.0, 22.0
#: Lines that the cover has room for.
MOST_CONTENTS = 9
_MOST_PERIODS = 3


@dataclass(frozen=True, slots=True)
class ContentsLine:
    """One part of the backup on the cover: where it begins and, if known, ends.

    The line leads to `document`, an index into the plan's, or else to the furniture of that name.
    """

    title: str
    first_page: int
    last_page: int | None = None
    document: int | None = None
    furniture: str = ""

    @property
    def pages(self) -> str:
        """As people read it: 12 or 12–345."""
        if self.last_page is None or self.last_page <= self.first_page:
            return f"{self.first_page:,}"
        return f"{self.first_page:,}–{self.last_page:,}"


def cover(
    plan: Plan,
    *,
    total_pages: int,
    contents: Sequence[ContentsLine] = (),
    manifest_sha256: str = "",
    volume: tuple[int, int] | None = None,
) -> Drawn:
    """The cover of `plan`, always one page.

    `total_pages` are those of the whole backup, in all its volumes; `volume` is (number, of how
    many).
    """
    groups = by_contract(plan)
    invoices = invoices_of(groups)
    counts = (
        (len(groups), "contract"),
        (len(invoices), "invoice"),
        (len(plan.documents), "document"),
        (total_pages, "page"),
    )
    pen = Pen(plan.title, language=plan.language)
    top = _head(pen, plan, volume)
    top = _amount_tiles(pen, Amounts.of(invoices), top)
    top = _count_tiles(pen, counts, top) - 10
    for name, value in _facts(plan, invoices):
        top = _fact(pen, name, value, top)
    _contents(pen, contents[:MOST_CONTENTS], top - 12)
    if manifest_sha256:
        _digest(pen, manifest_sha256)
    pen.end_page()
    return pen.finish()


def _head(pen: Pen, plan: Plan, volume: tuple[int, int] | None) -> float:
    bottom = TOP - _BAND
    pen.band(LEFT, bottom, WIDTH, _BAND, style.BAND)
    x, room = LEFT + _INSET, WIDTH - 2 * _INSET
    kind = plan.label("Subcontractor invoice backup")
    y = TOP - _INSET - 9
    pen.put(x, y, kind, room=room - 140, size=12, ink=style.WHITE)
    pen.put(x + room - 130, y, f"Backup {plan.number:,}", room=130, size=12, bold=True,
            ink=style.WHITE, side="right")  # fmt: skip
    if volume:
        words = f"Volume {volume[0]:,} of {volume[1]:,}"
        pen.put(x + room - 130, y - 16, words, room=130, size=10, ink=style.WHITE, side="right")
    if plan.addendum:
        words = f"Addendum to backup {plan.addendum.to:,}"
        pen.put(x, y - 18, words, room=room - 140, size=12, bold=True, ink=style.WHITE)
    lines = clip_lines(wrap(plan.project_name, room, _NAME_SIZE, bold=True), 2)
    y = bottom + _INSET + 20 + (len(lines) - 1) * _NAME_LEADING
    for line in lines:
        pen.line(x, y, line, size=_NAME_SIZE, bold=True, ink=style.WHITE)
        y -= _NAME_LEADING
    number = f"Project {plan.project_number}" if plan.project_number else ""
    pen.put(x, bottom + _INSET - 4, number, room=room, size=11, ink=style.WHITE)
    return bottom - 12


def _amount_tiles(pen: Pen, amounts: Amounts, top: float) -> float:
    tiles = (
        ("This period", amounts.this_period),
        ("Retainage held to date", amounts.retainage_held),
        ("Payment due", amounts.payment_due),
    )
    for (x, width), (name, cents) in zip(_across(len(tiles)), tiles, strict=True):
        pen.band(x, top - _TILE, width, _TILE, style.TINT)
        pen.put(x + 10, top - 17, name, room=width - 20, size=style.TEXT, ink=style.MUTED)
        pen.put(x + 10, top - 43, format_cents(cents), room=width - 20, size=17, bold=True,
                smallest=6)  # fmt: skip
    return top - _TILE - _GAP


def _count_tiles(pen: Pen, counts: Sequence[tuple[int, str]], top: float) -> float:
    for (x, width), (count, noun) in zip(_across(len(counts)), counts, strict=True):
        pen.band(x, top - _SMALL_TILE, width, _SMALL_TILE, style.TINT)
        pen.put(x + 10, top - 20, f"{count:,}", room=width - 20, size=13, bold=True, smallest=6)
        plural = counted(count, noun).split(" ", 1)[1]
        pen.put(x + 10, top - 34, plural, room=width - 20, size=style.TEXT, ink=style.MUTED)
    return top - _SMALL_TILE - _GAP


def _across(count: int) -> Iterator[tuple[float, float]]:
    """Left edge and width of each of `count` tiles."""
    width = (WIDTH - (count - 1) * _GAP) / count
    return ((LEFT + at * (width + _GAP), width) for at in range(count))


def _facts(plan: Plan, invoices: Sequence[Invoice]) -> list[tuple[str, str]]:
    signed = {each.invoice for each in plan.documents if each.kind == EntryKind.SIGNED}
    in_order = sorted(invoices, key=lambda invoice: invoice.period_start)
    periods = list(dict.fromkeys(invoice.period for invoice in in_order if invoice.period))
    out = len(plan.left_out)
    return [
        (plan.label("Owner"), plan.owner),
        (plan.label("General contractor"), plan.general_contractor),
        ("Billing period" if len(periods) == 1 else "Billing periods", _listed(periods)),
        ("Status", _statuses(invoices)),
        (
            "Signed copies",
            f"{len(signed):,} of {counted(len(invoices), 'invoice')}" if invoices else "",
        ),
        ("Left out", f"{counted(out, 'file')}, listed with the reason at the end" if out else ""),
        ("Changes", changes(plan)),
        ("Requested", f"{moment(plan)}, by {plan.requested_by}"),
    ]


def _listed(periods: Sequence[str]) -> str:
    more = len(periods) - _MOST_PERIODS
    shown = "; ".join(periods[:_MOST_PERIODS])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _statuses(invoices: Sequence[Invoice]) -> str:
    counts = Counter(invoice.status for invoice in invoices)
    return ", ".join(f"{count:,} {status}" for status, count in counts.items())


def _fact(pen: Pen, name: str, value: str, top: float) -> float:
    """Where the next one begins; a fact without a value is left out."""
    if not value:
        return top
    y = baseline(top, _FACT, 8.5)
    pen.put(LEFT, y, name, room=104, ink=style.MUTED)
    pen.put(LEFT + 110, y, value, room=WIDTH - 110, size=8.5, smallest=6.5)
    pen.rule(top - _FACT)
    return top - _FACT


def _contents(pen: Pen, lines: Sequence[ContentsLine], top: float) -> None:
    if lines:
        pen.put(LEFT, baseline(top, _TITLE, 10), "Contents", room=WIDTH, size=10, bold=True)
        top -= _TITLE
    for line in lines:
        y = baseline(top, _LINE, 9)
        used = pen.put(LEFT, y, line.title, room=WIDTH - 80, size=9)
        wide = pen.put(RIGHT - 80, y, line.pages, room=80, size=9, bold=True, side="right")
        pen.leader(LEFT + used + 4, RIGHT - wide - 4, y)
        if line.document is not None or line.furniture:
            pen.link(top - _LINE, _LINE, document=line.document, furniture=line.furniture)
        top -= _LINE


def _digest(pen: Pen, sha256: str) -> None:
    pen.put(LEFT, BOTTOM + 13, "Manifest of what went in, SHA-256", room=WIDTH, size=style.SMALL,
            ink=style.MUTED)  # fmt: skip
    pen.digest(LEFT, BOTTOM + 3, sha256, size=7.5)
