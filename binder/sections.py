"""What a plan's documents are called in the backup: bookmarks and stamps."""

from collections.abc import Iterable, Iterator

from binder.fragment import Fragment
from binder.linker import Part
from binder.plan import Document, Invoice, Plan

LEFT_OUT_TITLE = "Left out of this backup"


def document_parts(plan: Plan, fragments: Iterable[Fragment]) -> Iterator[Part]:
    """Each document in its place: bookmarks contract → invoice → document, where a new one
    begins."""
    before: Invoice | None = None
    for document, fragment in zip(plan.documents, fragments, strict=True):
        yield Part(
            fragment,
            tuple(_headings(before, document)),
            _stamp(document.invoice) if plan.stamps else None,
        )
        before = document.invoice


def left_out_part(plan: Plan, fragment: Fragment) -> Part:
    """The pages at the end that list what stayed out."""
    stamp = f"Backup {plan.number}" if plan.stamps else None
    return Part(fragment, ((0, LEFT_OUT_TITLE),), stamp)


def _headings(before: Invoice | None, document: Document) -> Iterator[tuple[int, str]]:
    invoice = document.invoice
    contract = invoice.contract
    new_contract = before is None or before.contract.number != contract.number
    if new_contract:
        yield 0, " ".join(part for part in (contract.number, contract.company) if part)
    if before is None or new_contract or before.position != invoice.position:
        yield 1, ", ".join(part for part in (_called(invoice), invoice.period) if part)
    yield 2, document.name


def _called(invoice: Invoice) -> str:
    """“Invoice 7”, with the company's own number where it has one: “Invoice 7 (A-113)”."""
    number = f" ({invoice.number})" if invoice.number else ""
    return f"Invoice {invoice.position}{number}"


def _stamp(invoice: Invoice) -> str:
    return f"{invoice.contract.number} · Inv {invoice.position}"
