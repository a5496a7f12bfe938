"""The document types of a project's own, and those that its files are given."""

from difflib import get_close_matches

from services.document_types import NAMES
from services.importing.cells import quoted
from services.importing.context import Context, good
from services.importing.records import DocumentTypeRecord


def check_types(context: Context) -> None:
    types = context.tables.document_types
    context.unique(types, ("code",), lambda row: f"document type {row.code}")
    first = {name.casefold(): name for name in NAMES.values()}
    for row in good(types, "name"):
        if row.name.casefold() in first:
            context.add(row, "name", f"there is a document type {quoted(row.name)} already.")
        first[row.name.casefold()] = row.name
    if types.is_read:
        _known(context, {*NAMES, *(row.code for row in types.rows)})


def _known(context: Context, codes: set[str]) -> None:
    """A misspelled type would otherwise be one that no rule knows."""
    for row in good(context.tables.files, "document_type"):
        if row.document_type and row.document_type not in codes:
            near = get_close_matches(row.document_type.lower(), codes, n=1)
            hint = f"; is {near[0]} meant?" if near else f"; own ones are in {_table(context)}."
            message = f"there is no document type {quoted(row.document_type)}{hint}"
            context.add(row, "document_type", message)


def _table(context: Context) -> str:
    return context.name(DocumentTypeRecord)
