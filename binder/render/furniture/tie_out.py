"""The tie-out page: every invoice's amounts, added up to the cent, and what was compared."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

from billing.money import format_cents
from binder.plan import Plan
from binder.render import style
from binder.render.furniture.checks import Check, RuleResult, by_rule
from binder.render.furniture.columns import PADDING, columns, head_row
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.flow import Row, draw, page_count, paragraph, space, title_row
from binder.render.furniture.groups import (
    Amounts,
    ContractGroup,
    InvoiceGroup,
    by_contract,
    invoices_of,
)
from binder.render.furniture.pen import LEFT, RIGHT, WIDTH, Pen, baseline
from binder.render.furniture.texts import contract_name, invoice_name, subtitle

_CONTRACT, _ROW, _TOTAL = 15.0, 12.5, 18.0
_GAP = 3.0
_VERDICT = 90.0
_NAME, _PERIOD, *_AMOUNTS = _COLUMNS = columns(
    ("Contract and invoice", 0, "left"),
    ("Period", 88, "left"),
    ("This period", 76, "right"),
    ("Retainage\nthis period", 76, "right"),
    ("Payment due", 76, "right"),
    ("Retainage held\nto date", 76, "right"),
)
_EXPLAINED = (
    "This period less retainage this period is the payment due. Retainage held to date is a "
    "balance: a contract’s subtotal is what its last invoice in this backup holds."
)

_OF_ADDENDUM = "The amounts are those of the invoices of which this addendum holds a document."


def tie_out(plan: Plan, checks: Sequence[Check] = ()) -> Drawn:
    """The tie-out of `plan`: invoices, subtotals, grand total, and the result of `checks`."""
    return draw("Tie-out", subtitle(plan), _rows(plan, checks), language=plan.language)


def tie_out_page_count(plan: Plan, checks: Sequence[Check] = ()) -> int:
    """Pages that `tie_out` takes."""
    return page_count(_rows(plan, checks))


def _rows(plan: Plan, checks: Sequence[Check]) -> list[Row]:
    groups = by_contract(plan)
    head = head_row(_COLUMNS)
    rows = [head]
    for group in groups:
        rows += _contract_rows(plan, group, head)
    # The grand total never stands on a page without an amount that it adds up.
    rows[-1] = replace(rows[-1], keep=True)
    total = Amounts.of(invoices_of(groups))
    rows.append(Row(_TOTAL, partial(_total, total), heads=(head,)))
    explained = f"{_OF_ADDENDUM} {_EXPLAINED}" if plan.addendum else _EXPLAINED
    rows += [space(6), *paragraph(explained, ink=style.MUTED)]
    return [*rows, *_check_rows(plan, groups, total, by_rule(checks))]


def _contract_rows(plan: Plan, group: ContractGroup, head: Row) -> Iterator[Row]:
    start = group.documents.start
    name = contract_name(group.contract)
    yield Row(_CONTRACT + _GAP, partial(_heading, name, start, _GAP), keep=True, heads=(head,))
    again = partial(_heading, contract_name(group.contract, " (continued)"), start, 0)
    heads = (head, Row(_CONTRACT, again))
    for each in group.invoices:
        last = each is group.invoices[-1]
        yield Row(_ROW, partial(_invoice, plan, each), keep=last, heads=heads)
    yield Row(_ROW, partial(_subtotal, group), heads=heads)


def _heading(name: str, document: int, gap: float, pen: Pen, top: float) -> None:
    top -= gap
    pen.band(LEFT, top - _CONTRACT, WIDTH, _CONTRACT, style.TINT)
    y = baseline(top, _CONTRACT, style.CELL)
    pen.put(_NAME.x, y, name, room=WIDTH - 2 * PADDING, bold=True)
    pen.link(top - _CONTRACT, _CONTRACT, document=document)


def _invoice(plan: Plan, group: InvoiceGroup, pen: Pen, top: float) -> None:
    y = baseline(top, _ROW, style.CELL)
    _NAME.put(pen, y, invoice_name(plan, group.invoice))
    _PERIOD.put(pen, y, group.invoice.period)
    _put_amounts(pen, y, Amounts.of([group.invoice]))
    pen.link(top - _ROW, _ROW, document=group.documents.start)


def _subtotal(group: ContractGroup, pen: Pen, top: float) -> None:
    first = _AMOUNTS[0].x
    pen.rule(top, x=first, width=RIGHT - first, weight=0.6, colour=style.INK)
    y = baseline(top, _ROW, style.CELL)
    room = first - _NAME.x - 2 * PADDING
    pen.put(_NAME.x, y, f"Subtotal {group.contract.number}", room=room, ink=style.MUTED)
    _put_amounts(pen, y, group.amounts, bold=True)


def _total(total: Amounts, pen: Pen, top: float) -> None:
    pen.band(LEFT, top - _TOTAL, WIDTH, _TOTAL, style.TINT)
    pen.rule(top, weight=0.9, colour=style.INK)
    for lower in (0.0, 1.6):
        pen.rule(top - _TOTAL - lower, weight=0.6, colour=style.INK)
    y = baseline(top, _TOTAL, style.CELL)
    _NAME.put(pen, y, "Grand total", bold=True)
    _put_amounts(pen, y, total, bold=True)


def _put_amounts(pen: Pen, y: float, amounts: Amounts, *, bold: bool = False) -> None:
    shown = (
        amounts.this_period,
        amounts.retainage_this_period,
        amounts.payment_due,
        amounts.retainage_held,
    )
    for cell, cents in zip(_AMOUNTS, shown, strict=True):
        cell.amount(pen, y, cents, bold=bold)


def _check_rows(
    plan: Plan, groups: Sequence[ContractGroup], total: Amounts, results: Sequence[RuleResult]
) -> Iterator[Row]:
    yield space(14)
    yield title_row("What was checked")
    subtotals = [group.amounts for group in groups]
    equal = total == Amounts(
        sum(each.this_period for each in subtotals),
        sum(each.payment_due for each in subtotals),
        sum(each.retainage_held for each in subtotals),
    )
    rule = "The contracts’ subtotals add up to the grand total"
    yield from _rule_rows(rule, "Equal" if equal else "Not equal", agrees=equal)
    for result in results:
        yield from _rule_rows(result.rule, result.verdict, agrees=not result.unequal)
        for check in result.unequal:
            yield from paragraph(_difference(plan, check), indent=12, ink=style.WARNING)


def _rule_rows(rule: str, verdict: str, *, agrees: bool) -> Iterator[Row]:
    first, *more = paragraph(rule, right=_VERDICT)

    def drawn(pen: Pen, top: float) -> None:
        first.draw(pen, top)
        y = baseline(top, first.height, style.TEXT)
        ink = style.INK if agrees else style.WARNING
        x = RIGHT - _VERDICT
        pen.put(x, y, verdict, room=_VERDICT, size=style.TEXT, bold=True, ink=ink, side="right")

    yield replace(first, draw=drawn)
    yield from more


def _difference(plan: Plan, check: Check) -> str:
    contract, name = check.invoice.contract.number, invoice_name(plan, check.invoice)
    found, expected, difference = map(format_cents, (check.found, check.expected, check.difference))
    return f"{contract}, {name}: {found} instead of {expected}, a difference of {difference}"
