"""The check before a compile: what would make an owner, a lender or an auditor send it back.

Runs while people tick, so the number of statements does not grow with the selection.
"""

from collections.abc import Collection
from datetime import date

from binder.recipe import Recipe
from models import Project, User, db
from services import recipes
from services.findings import Finding, Preflight, Severity
from services.preflight.documents import document_findings
from services.preflight.facts import FileRow, Selection
from services.preflight.figures import figure_findings
from services.preflight.files import file_findings
from services.preflight.periods import period_findings
from services.preflight.selection import load
from services.preflight.signatures import signature_findings

#: The pages of a drawn invoice before it is drawn: a summary, and sheets of this many lines.
LINES_A_SHEET = 28
#: Bytes in the finished file, measured: of a page of a drawn invoice, of a page of ours, of what
#: every page gets (stamp, link, bookmark), and of the fonts, which all pages of ours share.
DRAWN_PAGE, OWN_PAGE, ADDED_TO_PAGE, FONTS = 3_400, 6_000, 400, 120_000
#: Rows that fit on a page of the index, the tie-out and the receipt.
INDEX_ROWS, TIE_OUT_ROWS, RECEIPT_ROWS = 58, 45, 32

_ORDER = list(Severity)


def check(
    project_id: int,
    invoice_ids: Collection[int],
    viewer: User | None = None,
    today: date | None = None,
    *,
    recipe: Recipe | None = None,
) -> Preflight:
    """Look at these invoices of the project, with all that a backup of them would contain.

    Ids of other projects' invoices are ignored. With a `viewer`, so is every private contract
    that this person may not see; without one (a job, the command line) there are no secrets.
    Certificates must not have expired on `today`, where it is given. Without a `recipe` the
    backup would follow the project's.
    """
    recipe = recipe or recipes.of_project(db.session.get_one(Project, project_id))
    selection = load(project_id, invoice_ids, viewer, recipe)
    findings = [
        *_nothing_selected(selection),
        *period_findings(selection),
        *file_findings(selection),
        *figure_findings(selection),
        *signature_findings(selection),
        *document_findings(selection, today),
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
    attached = sum(file.pages or 1 for file in _files(selection))
    return attached + _drawn_pages(selection) + _own_pages(selection)


def _files(selection: Selection) -> list[FileRow]:
    """Signed copies and attachments that go in."""
    return [*selection.signed.values(), *selection.included]


def _drawn_pages(selection: Selection) -> int:
    return sum(
        invoice.pages or 1 + -(-selection.line_counts[invoice.contract_id] // LINES_A_SHEET)
        for invoice in selection.invoices
        if invoice.id not in selection.signed
    )


def _own_pages(selection: Selection) -> int:
    """Those that the recipe asks for, by the rows that fit on a page of each."""
    invoices, contracts = len(selection.invoices), len(selection.contracts)
    documents, recipe = invoices + len(selection.included), selection.recipe
    if not invoices:
        return 0
    index = -(-(documents + invoices + contracts) // INDEX_ROWS)
    tie_out = -(-(invoices + 2 * contracts) // TIE_OUT_ROWS)
    receipt = -(-documents // RECEIPT_ROWS)
    return (
        recipe.cover
        + recipe.index * index
        + recipe.tie_out * tie_out
        + recipe.receipt * receipt
        + recipe.separators * contracts
    )


def _size(selection: Selection) -> int:
    """Files are copied, each once however often it is attached, and a page stands in for what is
    none. Pictures and fonts that several files hold are written once, too: the estimate is high
    where letterheads repeat."""
    sizes = {file.sha256: OWN_PAGE if file.problem else file.size for file in _files(selection)}
    drawn, own = _drawn_pages(selection), _own_pages(selection)
    ours = DRAWN_PAGE * drawn + OWN_PAGE * own + FONTS * bool(drawn + own)
    return sum(sizes.values()) + ours + ADDED_TO_PAGE * _pages(selection)
