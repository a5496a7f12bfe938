"""Required documents that are missing, expired, or taken for present by a guess."""

from collections.abc import Iterator
from datetime import date

from services import checklists
from services.checklist_items import Item, State
from services.findings import Finding, Severity
from services.preflight.facts import InvoiceFacts, Selection
from services.preflight.periods import about, capital


def document_findings(selection: Selection, today: date | None) -> Iterator[Finding]:
    found = checklists.of_invoices(
        selection.project_id, [invoice.id for invoice in selection.invoices], today
    )
    for invoice in selection.invoices:
        for item in found.get(invoice.id, ()):
            if item.is_lacking:
                yield _lacking(invoice, item)
            elif item.state == State.PRESENT and item.is_guessed:
                yield about(
                    invoice,
                    Severity.NOTE,
                    "document_type_guessed",
                    f"{capital(invoice.name)} has the required {_small(item)} only if the type "
                    "guessed from the file's name is right. Confirm it.",
                )


def _lacking(invoice: InvoiceFacts, item: Item) -> Finding:
    severity = Severity.BLOCKING if item.is_blocking else Severity.WARNING
    if item.state == State.EXPIRED:
        return about(
            invoice,
            severity,
            "required_document_expired",
            f"{capital(invoice.name)}: the {_small(item)} {item.words}. Ask for a current one.",
        )
    return about(
        invoice,
        severity,
        "required_document_missing",
        f"{capital(invoice.name)} lacks the required {_small(item)}.",
    )


def _small(item: Item) -> str:
    return item.title[:1].lower() + item.title[1:]
