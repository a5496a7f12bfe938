"""A whole project, read and found to be consistent, or refused with every mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.importing.billing_checks import check_billing
from services.importing.context import Context, Tables, good
from services.importing.contract_checks import check_contracts, folder_of
from services.importing.csv_folder import CsvFolder
from services.importing.documents import Document, DocumentReader, described
from services.importing.problems import ImportRefused, Problem, Report
from services.importing.project_file import ProjectFacts, read_project
from services.importing.records import (
    NAMES,
    ChangeOrderLineRecord,
    ChangeOrderRecord,
    ContractRecord,
    DocumentTypeRecord,
    FileRecord,
    InvoiceContactRecord,
    InvoiceLineRecord,
    InvoiceRecord,
    LineRecord,
    PaymentRecord,
    PeriodRecord,
    RetainageRuleRecord,
)
from services.importing.sources import Source
from services.importing.tables import read_table
from services.importing.term_checks import check_terms
from services.importing.type_checks import check_types


@dataclass(frozen=True, slots=True)
class ProjectFolder:
    """What a source holds: valid rows and the files of its invoices."""

    project: ProjectFacts
    tables: Tables
    attachments: list[Document]
    signed: list[Document]
    #: What was passed over, one sentence each.
    notes: list[str]


def read_folder(root: Path) -> ProjectFolder:
    """Read a folder of CSV files. Raises `ImportRefused`."""
    return read_source(CsvFolder(root, NAMES))


def read_source(source: Source) -> ProjectFolder:
    """Read a project. Raises `ImportRefused` with all that is wrong with it."""
    report = Report(shown=source.shown)
    source.judge_names(report)
    project = read_project(source, report)
    tables = Tables(
        contracts=read_table(source, ContractRecord, report),
        lines=read_table(source, LineRecord, report),
        change_orders=read_table(source, ChangeOrderRecord, report),
        change_order_lines=read_table(source, ChangeOrderLineRecord, report),
        periods=read_table(source, PeriodRecord, report),
        invoices=read_table(source, InvoiceRecord, report),
        invoice_lines=read_table(source, InvoiceLineRecord, report),
        document_types=read_table(source, DocumentTypeRecord, report),
        retainage_rules=read_table(source, RetainageRuleRecord, report),
        invoice_contacts=read_table(source, InvoiceContactRecord, report),
        payments=read_table(source, PaymentRecord, report),
        files=read_table(source, FileRecord, report),
    )
    context = Context(tables, report)
    check_contracts(context)
    check_terms(context)
    check_billing(context)
    check_types(context)
    attachments, signed = _documents(source.root, context)
    if report.problems:
        places = {source.shown(name): place for place, name in enumerate(NAMES)}
        raise ImportRefused(sorted(report.problems, key=lambda p: _place(p, places)))
    return ProjectFolder(project, tables, attachments, signed, report.notes)


def _documents(root: Path, context: Context) -> tuple[list[Document], list[Document]]:
    tables = context.tables
    # With a table unread, every folder would look like a stranger.
    if not (tables.contracts.is_read and tables.invoices.is_read):
        return [], []
    folders: dict[str, str] = {}
    for row in good(tables.contracts, "number", "folder"):
        folders.setdefault(folder_of(row), row.number)
    reader = DocumentReader(root, folders, tables.invoice_keys(), context.report)
    attachments, signed = reader.attachments(), reader.signed()
    found = {document.place for document in (*attachments, *signed)}
    context.unique(tables.files, ("path",), lambda row: row.path)
    for file in good(tables.files, "path"):
        if file.path not in found:
            context.add(file, "path", "there is no file of an invoice at this place.")
    listed = {file.path: file for file in tables.files.rows}
    return described(attachments, listed), described(signed, listed)


def _place(problem: Problem, places: Mapping[str, int]) -> tuple[int, int]:
    """In the order of the format, then of the rows; files of invoices last."""
    return places.get(problem.file, len(places)), problem.row or 0
