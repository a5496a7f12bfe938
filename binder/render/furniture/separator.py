"""The divider in front of a contract, for those who ask for one."""

from binder.plan import Plan
from binder.render import style
from binder.render.furniture.columns import columns, head_row
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.groups import Amounts, ContractGroup, by_contract
from binder.render.furniture.pen import LEFT, RIGHT, TOP, WIDTH, Pen, baseline
from binder.render.furniture.texts import counted, invoice_name, subtitle
from binder.render.wrap import clip_lines, wrap

SEPARATOR_PAGES = 1

_BAND_TOP, _BAND, _INSET = 190.0, 130.0, 20.0
_ROW = 15.0
_MOST_INVOICES = 24
_NAME, _PERIOD, _STATUS, _THIS_PERIOD, _DUE = _COLUMNS = columns(
    ("Invoice", 0, "left"),
    ("Period", 110, "left"),
    ("Status", 100, "left"),
    ("This period", 90, "right"),
    ("Payment due", 90, "right"),
)


def separator(plan: Plan, contract: str) -> Drawn:
    """The divider of the contract with that number, always one page.

    Its invoices are links. ValueError when the plan has no document of that contract.
    """
    group = next((each for each in by_contract(plan) if each.contract.number == contract), None)
    if group is None:
        raise ValueError(f"No document of {contract} is in this backup")
    pen = Pen(contract, language=plan.language)
    top = _head(pen, plan, group) - 14
    head = head_row(_COLUMNS)
    head.draw(pen, top)
    top -= head.height
    shown = group.invoices[:_MOST_INVOICES]
    for each in shown:
        _invoice(pen, plan, group.invoices.index(each), group, top)
        top -= _ROW
    more = len(group.invoices) - len(shown)
    if more:
        y = baseline(top, _ROW, style.CELL)
        pen.put(_NAME.x, y, f"and {counted(more, 'more invoice')}", room=WIDTH, ink=style.MUTED)
        top -= _ROW
    _total(pen, group.amounts, top)
    pen.end_page()
    return pen.finish()


def _head(pen: Pen, plan: Plan, group: ContractGroup) -> float:
    top = TOP - _BAND_TOP
    bottom = top - _BAND
    pen.put(LEFT, TOP - 8, subtitle(plan), room=WIDTH, ink=style.MUTED)
    pen.band(LEFT, bottom, WIDTH, _BAND, style.BAND)
    x, room = LEFT + _INSET, WIDTH - 2 * _INSET
    contract = group.contract
    pen.put(x, top - 44, contract.number, room=room, size=28, bold=True, ink=style.WHITE,
            smallest=12)  # fmt: skip
    y = top - 70
    for line in clip_lines(wrap(contract.company, room, 13, bold=True), 2):
        pen.line(x, y, line, size=13, bold=True, ink=style.WHITE)
        y -= 17
    pen.put(x, bottom + 14, contract.title, room=room, size=11, ink=style.WHITE)
    return bottom


def _invoice(pen: Pen, plan: Plan, at: int, group: ContractGroup, top: float) -> None:
    each = group.invoices[at]
    y = baseline(top, _ROW, style.CELL)
    _NAME.put(pen, y, invoice_name(plan, each.invoice), bold=True)
    _PERIOD.put(pen, y, each.invoice.period)
    _STATUS.put(pen, y, each.invoice.status)
    _THIS_PERIOD.amount(pen, y, each.invoice.gross_this_period)
    _DUE.amount(pen, y, each.invoice.payment_due)
    pen.rule(top - _ROW)
    pen.link(top - _ROW, _ROW, document=each.documents.start)


def _total(pen: Pen, amounts: Amounts, top: float) -> None:
    x = _THIS_PERIOD.x
    pen.rule(top, x=x, width=RIGHT - x, weight=0.9, colour=style.INK)
    y = baseline(top, _ROW, style.CELL)
    _THIS_PERIOD.amount(pen, y, amounts.this_period, bold=True)
    _DUE.amount(pen, y, amounts.payment_due, bold=True)
