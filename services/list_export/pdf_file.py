"""The list as a PDF: grouped as on the page, with the sums of the groups."""

from flask_babel import gettext as _

from binder.render.listing import Cell, ListColumn, ListGroup, listing
from services.formats import counted, day, moment, span, spoken
from services.invoice_order import GroupBy
from services.invoice_rows import Row
from services.list_export.listing import Group, Listing
from services.unbilled import Unbilled

_MONEY = 72.0
#: Of groups whose heading does not say the company.
_WITH_COMPANY = {GroupBy.PERIOD, GroupBy.STATUS}


def as_pdf(found: Listing) -> bytes:
    project = found.project
    heads = _heads(found.by)
    money = [at for at, head in enumerate(heads) if head.width == _MONEY][:2]
    groups = [
        ListGroup(
            f"{_title(group, found.by)} · {counted(group.totals.count, 'invoice')}",
            dict(zip(money, (group.totals.gross, group.totals.net), strict=True)),
            [_cells(row, found.by) for row in group.rows],
        )
        for group in found.groups
    ]
    if found.unbilled:
        rows = [_cells(row, found.by) for row in found.unbilled]
        groups.append(ListGroup("Not yet billed in the open period", {}, rows))
    total = ListGroup(
        found.summary, dict(zip(money, (found.totals.gross, found.totals.net), strict=True)), []
    )
    return listing(
        f"{project.name}: {_('Invoices')}",
        f"{project.number} · {moment(found.made, project.zone)}",
        notes=[f"Only what matches: {found.filtered}."] if found.filtered else [],
        heads=heads,
        groups=groups,
        total=total,
    )


def _title(group: Group, by: GroupBy) -> str:
    company = f", {group.rows[0].contract.company}" if by == GroupBy.CONTRACT else ""
    return f"{group.title}{company}"


def _heads(by: GroupBy) -> list[ListColumn]:
    """What the heading of a group says is not said again in its rows."""
    return [
        ListColumn(_("Invoice #") if by == GroupBy.CONTRACT else _("Contract")),
        *([ListColumn(_("Contract Company"), 100)] if by in _WITH_COMPANY else []),
        *([] if by == GroupBy.STATUS else [ListColumn(_("Status"), 82)]),
        *([] if by == GroupBy.PERIOD else [ListColumn(_("Billing Period"), 88)]),
        ListColumn(_("Invoice Dates"), 54),
        ListColumn(_("Gross Amount"), _MONEY, "right"),
        ListColumn(_("Net Amount"), _MONEY, "right"),
        ListColumn("%", 36, "right"),
    ]


def _cells(row: Row | Unbilled, by: GroupBy) -> list[Cell]:
    contract = row.contract
    if not isinstance(row, Row):
        name = f"{contract.number} {contract.title}"
    else:
        name = row.label if by == GroupBy.CONTRACT else f"{contract.number} · {row.label}"
    period = span(row.period.start, row.period.end) if row.period else "None"
    return [
        name,
        *([contract.company] if by in _WITH_COMPANY else []),
        *([] if by == GroupBy.STATUS else [spoken(row.status)]),
        *([] if by == GroupBy.PERIOD else [period]),
        day(row.billing_date) if isinstance(row, Row) else "",
        row.gross if isinstance(row, Row) else "",
        row.net if isinstance(row, Row) else "",
        f"{row.percent_complete}",
    ]
