"""A whole project folder, read and found to be consistent, or refused with every mistake."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from services.importing.billing_checks import check_billing
from services.importing.context import Context, Tables, good
from services.importing.contract_checks import check_contracts
from services.importing.documents import Document, DocumentReader, folder_name
from services.importing.places import Refused, is_litter, names_inside
from services.importing.problems import ImportRefused, Problem, Report
from services.importing.project_file import FILE as PROJECT_FILE
from services.importing.project_file import ProjectFacts, read_project
from services.importing.records import (
    ChangeOrderLineRecord,
    ChangeOrderRecord,
    ContractRecord,
    InvoiceLineRecord,
    InvoiceRecord,
    LineRecord,
    PeriodRecord,
    Record,
)
from services.importing.tables import read_table

TABLES: tuple[type[Record], ...] = (
    ContractRecord,
    LineRecord,
    ChangeOrderRecord,
    ChangeOrderLineRecord,
    PeriodRecord,
    InvoiceRecord,
    InvoiceLineRecord,
)
_NAMES = (PROJECT_FILE, *(kind.file for kind in TABLES), "attachments", "signed")


@dataclass(frozen=True, slots=True)
class ProjectFolder:
    """What a folder holds: valid rows and the files of its invoices."""

    project: ProjectFacts
    tables: Tables
    attachments: list[Document]
    signed: list[Document]
    #: What was passed over, one sentence each.
    notes: list[str]


def read_folder(root: Path) -> ProjectFolder:
    """Read the project folder `root`. Raises `ImportRefused` with all that is wrong with it."""
    report = Report()
    _judge_names(root, report)
    project = read_project(root, report)
    tables = Tables(
        contracts=read_table(root, ContractRecord, report),
        lines=read_table(root, LineRecord, report),
        change_orders=read_table(root, ChangeOrderRecord, report),
        change_order_lines=read_table(root, ChangeOrderLineRecord, report),
        periods=read_table(root, PeriodRecord, report),
        invoices=read_table(root, InvoiceRecord, report),
        invoice_lines=read_table(root, InvoiceLineRecord, report),
    )
    context = Context(tables, report)
    check_contracts(context)
    check_billing(context)
    attachments, signed = _documents(root, tables, report)
    if report.problems:
        raise ImportRefused(sorted(report.problems, key=_place))
    return ProjectFolder(project, tables, attachments, signed, report.notes)


def _documents(root: Path, tables: Tables, report: Report) -> tuple[list[Document], list[Document]]:
    # With a table unread, every folder would look like a stranger.
    if not (tables.contracts.is_read and tables.invoices.is_read):
        return [], []
    folders: dict[str, str] = {}
    for row in good(tables.contracts, "number"):
        folders.setdefault(folder_name(row.number), row.number)
    reader = DocumentReader(root, folders, tables.invoice_keys(), report)
    return reader.attachments(), reader.signed()


def _place(problem: Problem) -> tuple[int, int]:
    """In the order of the format, then of the rows; files of invoices last."""
    known = _NAMES.index(problem.file) if problem.file in _NAMES else len(_NAMES)
    return known, problem.row or 0


def _judge_names(root: Path, report: Report) -> None:
    """A misspelled optional file would otherwise be a file that nobody reads."""
    try:
        names = names_inside(root, root)
    except Refused as e:
        raise ImportRefused([Problem(str(root), str(e))]) from e
    for name in names:
        meant = get_close_matches(name.lower(), _NAMES, n=1, cutoff=0.75)
        if name in _NAMES:
            continue
        if is_litter(name) or not (meant or name.lower().endswith(".csv")):
            report.notes.append(f"{name}: ignored.")
        elif meant:
            report.add(name, f"the import does not know this name; is {meant[0]} meant?")
        else:
            report.add(name, f"the import does not know this table; it knows {', '.join(_NAMES)}.")
