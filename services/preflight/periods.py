"""Billing periods and positions: what must hold before anything is compiled (docs/domain.md 5)."""

from collections.abc import Iterator

from services.findings import Finding, Severity
from services.formats import span
from services.preflight.facts import InvoiceFacts, Period, Selection


def period_findings(selection: Selection) -> Iterator[Finding]:
    for invoices in selection.contracts.values():
        yield from _without_period(invoices)
        yield from _not_closed(invoices)
        yield from _gaps(invoices)


def _without_period(invoices: list[InvoiceFacts]) -> Iterator[Finding]:
    for invoice in invoices:
        if invoice.period is None:
            yield about(
                invoice,
                Severity.BLOCKING,
                "no_period",
                f"{capital(invoice.name)} has no billing period. Give it one.",
            )


def _not_closed(invoices: list[InvoiceFacts]) -> Iterator[Finding]:
    """Each invoiced period other than the newest must be Closed."""
    periods = {invoice.period for invoice in invoices if invoice.period}
    newest = max(periods, key=lambda period: (period.start, period.end), default=None)
    for invoice in invoices:
        period = invoice.period
        if period and period != newest and period.status != "closed":
            yield about(
                invoice,
                Severity.BLOCKING,
                "period_not_closed",
                f"The billing period {span(period.start, period.end)} of {invoice.name} "
                "is still open, though a later one was invoiced. Close it.",
            )


def _gaps(invoices: list[InvoiceFacts]) -> Iterator[Finding]:
    positions = {invoice.position for invoice in invoices}
    missing = sorted(set(range(1, max(positions) + 1)) - positions)
    if missing:
        listed = ", ".join(map(str, missing[:10])) + (" …" if len(missing) > 10 else "")
        first = invoices[0]
        yield Finding(
            Severity.WARNING,
            "position_gap",
            f"{first.contract} has no invoice in position {listed}.",
            contract=first.contract,
            contract_id=first.contract_id,
        )


def about(
    invoice: InvoiceFacts, severity: Severity, code: str, message: str, **more: str | int | None
) -> Finding:
    """A finding about an invoice, named and linked."""
    return Finding(
        severity,
        code,
        message,
        contract=invoice.contract,
        invoice=str(invoice.position),
        period=_iso(invoice.period),
        contract_id=invoice.contract_id,
        invoice_id=invoice.id,
        period_id=invoice.period.id if invoice.period else None,
        **more,  # type: ignore[arg-type]
    )


def _iso(period: Period | None) -> str:
    return f"{period.start} – {period.end}" if period else ""


def capital(sentence: str) -> str:
    """With a capital first letter, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]
