"""Amounts that do not tie out, and statuses that an owner would ask about."""

from collections.abc import Iterator
from itertools import groupby, pairwise

from billing.checks import Doubt
from services.findings import Finding, Severity
from services.formats import words
from services.preflight.facts import InvoiceFacts, Selection
from services.preflight.periods import about, capital

_SENTENCES = {
    Doubt.OVER_BILLED: "{invoice} bills more than the scheduled value of {lines}.",
    Doubt.RETAINAGE_OFF_RATE: "{invoice} holds retainage off the contract's rate on {lines}.",
    Doubt.BELOW_ZERO: "{invoice} releases or installs more than there was on {lines}.",
}
#: Lines named in one sentence before the rest is counted.
NAMED = 5


def figure_findings(selection: Selection) -> Iterator[Finding]:
    backed = {attachment.invoice.id for attachment in selection.included}
    for invoices in selection.contracts.values():
        yield from _ties(invoices)
    for invoice in selection.invoices:
        yield from _sums(invoice, selection.completed_by_lines[invoice.id])
        yield from _doubts(invoice)
        if not invoice.status.is_approved:
            yield about(
                invoice,
                Severity.WARNING,
                "not_approved",
                f"{capital(invoice.name)} is {words(invoice.status)}, not Approved.",
            )
        if invoice.gross_this_period and invoice.id not in backed:
            yield about(
                invoice,
                Severity.WARNING,
                "no_backup",
                f"{capital(invoice.name)} bills an amount but has no attachment to back it.",
            )


def _ties(invoices: list[InvoiceFacts]) -> Iterator[Finding]:
    """Line 7 is line 6 of the invoice before, since line 8 = 6 - 7."""
    for before, invoice in pairwise(invoices):
        previous = invoice.earned_less_retainage - invoice.payment_due
        if invoice.is_chosen and previous != before.earned_less_retainage:
            yield about(
                invoice,
                Severity.WARNING,
                "previous_certificates_differ",
                f"{capital(invoice.name)}: the previous certificates (line 7) are not "
                f"what invoice {before.number or before.position} earned (line 6).",
            )


def _sums(invoice: InvoiceFacts, completed_by_lines: int) -> Iterator[Finding]:
    earned = invoice.completed_and_stored - invoice.total_retainage
    if invoice.completed_and_stored != completed_by_lines or earned != (
        invoice.earned_less_retainage
    ):
        yield about(
            invoice,
            Severity.WARNING,
            "summary_differs",
            f"{capital(invoice.name)}: the summary does not equal the sum of its lines.",
        )


def _doubts(invoice: InvoiceFacts) -> Iterator[Finding]:
    for doubt, remarks in groupby(
        sorted(invoice.remarks, key=lambda remark: remark["doubt"]),
        key=lambda remark: Doubt(remark["doubt"]),
    ):
        lines = _named([_line(remark) for remark in remarks])
        sentence = _SENTENCES[doubt].format(invoice=capital(invoice.name), lines=lines)
        yield about(invoice, Severity.WARNING, doubt.value, sentence)


def _line(remark: dict[str, str]) -> str:
    order = remark["change_order"]
    return f"{remark['item']} of change order {order}" if order else remark["item"]


def _named(lines: list[str]) -> str:
    named = ", ".join(lines[:NAMED])
    more = len(lines) - NAMED
    return f"{'line' if len(lines) == 1 else 'lines'} {named}" + (
        f" and {more} more" if more > 0 else ""
    )
