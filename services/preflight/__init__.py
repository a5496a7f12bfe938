"""The check before a compile: what would make an owner, a lender or an auditor send it back.

Runs while people tick, so the number of statements does not grow with the selection.
"""

from collections.abc import Collection

from models import User
from services.findings import Finding, Preflight, Severity
from services.preflight.figures import figure_findings
from services.preflight.files import file_findings
from services.preflight.periods import period_findings
from services.preflight.selection import Selection, load
from services.preflight.signatures import signature_findings

#: The pages of a drawn invoice before it is drawn: a summary, and sheets of this many lines.
LINES_A_SHEET = 28
DRAWN_BYTES = 60_000
#: Rows that fit on a page of the index, the tie-out and the receipt.
INDEX_ROWS, TIE_OUT_ROWS, RECEIPT_ROWS = 58, 45, 32

_ORDER = list(Severity)


def check(project_id: int, invoice_ids: Collection[int], viewer: User | None = None) -> Preflight:
    """Look at these invoices of the project, with all that a backup of them would contain.

    Ids of other projects' invoices are ignored. With a `viewer`, so is every private contract
    that this person may not see; without one (a job, the command line) there are no secrets.
    """
    selection = load(project_id, invoice_ids, viewer)
    findings = [
        *_nothing_selected(selection),
        *period_findings(selection),
        *file_findings(selection),
        *figure_findings(selection),
        *signature_findings(selection),
    ]
    findings.sort(key=lambda finding: _ORDER.index(finding.severity))
    return Preflight(
        findings=findings,
        contracts=len(selection.contracts),
        invoices=len(selection.invoices),
        documents=len(selection.invoices) + len(selection.included),
        pages=_pages(selection),
        size=_size(selection),
    )


def _nothing_selected(selection: Selection) -> list[Finding]:
    if selection.invoices:
        return []
    sentence = "No invoice is selected. Tick at least one."
    return [Finding(Severity.BLOCKING, "nothing_selected", sentence)]


def _pages(selection: Selection) -> int:
    attached = sum(attachment.pages or 1 for attachment in selection.included)
    first = sum(
        selection.signed[invoice.id].pages or 1
        if invoice.id in selection.signed
        else invoice.pages or 1 + -(-selection.line_counts[invoice.contract_id] // LINES_A_SHEET)
        for invoice in selection.invoices
    )
    return attached + first + _own_pages(selection)


def _own_pages(selection: Selection) -> int:
    """Cover, index, tie-out and receipt, by the rows that fit on a page of each."""
    invoices, contracts = len(selection.invoices), len(selection.contracts)
    documents = invoices + len(selection.included)
    if not invoices:
        return 0
    index = -(-(documents + invoices + contracts) // INDEX_ROWS)
    tie_out = -(-(invoices + 2 * contracts) // TIE_OUT_ROWS)
    return 1 + index + tie_out + -(-documents // RECEIPT_ROWS)


def _size(selection: Selection) -> int:
    attached = sum(attachment.size for attachment in selection.included)
    first = sum(
        selection.signed[invoice.id].size if invoice.id in selection.signed else DRAWN_BYTES
        for invoice in selection.invoices
    )
    return attached + first
