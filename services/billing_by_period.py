"""What a project billed in each of its periods."""

from collections.abc import Iterable
from dataclasses import dataclass

from billing.money import format_cents
from services.formats import counted, span
from services.invoice_rows import PeriodFacts, Row
from services.pictures import Billing, Chart, billing_chart


@dataclass(frozen=True, slots=True)
class PeriodBilling:
    """The invoices of one period; amounts in cents."""

    #: None: invoices without one.
    period: PeriodFacts | None
    invoices: int
    gross: int
    net: int
    #: Billed in this period and all before.
    to_date: int

    @property
    def retained(self) -> int:
        """Kept back of this period's billing; negative where more was released."""
        return self.gross - self.net

    @property
    def name(self) -> str:
        if self.period is None:
            return "No billing period"
        return span(self.period.start, self.period.end)

    @property
    def label(self) -> str:
        """The last day, for a place that is too narrow for the name."""
        return f"{self.period.end.month}/{self.period.end.day}" if self.period else "–"


def by_period(rows: Iterable[Row]) -> list[PeriodBilling]:
    """Periods with invoices, the oldest first; what has none comes last."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.value_of("period"), []).append(row)
    billings: list[PeriodBilling] = []
    for part in sorted(found.values(), key=_when):
        gross, net = sum(row.gross for row in part), sum(row.net for row in part)
        before = billings[-1].to_date if billings else 0
        billings.append(PeriodBilling(part[0].period, len(part), gross, net, before + gross))
    return billings


def _when(rows: list[Row]) -> tuple[int, int]:
    period = rows[0].period
    # Beyond every day that there is.
    return (period.start.toordinal(), period.end.toordinal()) if period else (4_000_000, 0)


def chart(billings: Iterable[PeriodBilling]) -> Chart:
    """A column per period: what it bills, what is kept back of that, what was billed before."""
    return billing_chart(0, [_column(billing) for billing in billings])


def _column(billing: PeriodBilling) -> Billing:
    title = (
        f"{billing.name}: {counted(billing.invoices, 'invoice')},"
        f" {format_cents(billing.gross)} billed, {format_cents(billing.retained)} retained,"
        f" {format_cents(billing.to_date)} to date"
    )
    return Billing(billing.label, billing.gross, billing.to_date, title, billing.retained)
