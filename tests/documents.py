"""Invoices as the renderer is given them, and readers of what it drew."""

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pypdf

from billing.bill import bill
from billing.inputs import ChangeOrder, ContractInput, Entry, InvoiceInput, Line
from binder.render.document import (
    ChangeOrderTitle,
    ContractFacts,
    InvoiceDocument,
    InvoiceFacts,
    ProjectFacts,
)

PROJECT = ProjectFacts(
    "Harbor Point", "24-118", "City of Alameda", "Brightwater Builders", "Ito Architects", "1 Pier"
)
CONTRACT = ContractFacts(
    "SC-004", "Structural steel", "Delta Structures", "88 Foundry Street", date(2026, 3, 2)
)
INVOICE = InvoiceFacts(
    2, "INV-20418", "Approved", False, date(2026, 8, 1), date(2026, 8, 31), date(2026, 8, 31)
)
ADDED = ChangeOrder(
    "CO-1", "Roof screen", date(2026, 7, 10), (Line("C1", "Screen", 27_650_50, "CO-1"),)
)
DELETED = ChangeOrder(
    "CO-2", "Lobby base", date(2026, 8, 12), (Line("C2", "Credit", -7_300_00, "CO-2"),)
)


def invoice_document(lines=3, *, orders=(ADDED, DELETED), descriptions=(), **parts):
    """The second invoice of a contract with that many lines; `parts` replace parts of it."""
    base = tuple(
        Line(str(n), f"Work number {n}", 12_500_00 + n * 731_37) for n in range(1, lines + 1)
    )
    sheet = bill(
        ContractInput(
            base,
            orders,
            (_bill(1, date(2026, 7, 31), base, orders), _bill(2, date(2026, 8, 31), base, orders)),
            Decimal(10),
            Decimal(5),
        )
    )[1]
    titles = tuple(ChangeOrderTitle(order.number, order.title) for order in orders)
    document = InvoiceDocument(PROJECT, CONTRACT, INVOICE, sheet, titles)
    if descriptions:
        document = describe(document, *descriptions)
    return replace(document, **parts)


def describe(document, *descriptions):
    """The first lines with these descriptions instead."""
    lines = list(document.sheet.lines)
    for index, text in enumerate(descriptions):
        lines[index] = replace(lines[index], description=text)
    return replace(document, sheet=replace(document.sheet, lines=tuple(lines)))


def comment(document, text):
    return replace(document, invoice=replace(document.invoice, comments=text))


def _bill(position, period_end, base, orders):
    entries = {
        line.key: Entry(work_this_period=line.scheduled_value // 4, new_stored=position * 100_00)
        for line in base
    }
    for order in orders:
        if order.approved <= period_end:
            entries |= {
                line.key: Entry(work_this_period=line.scheduled_value // 2) for line in order.lines
            }
    return InvoiceInput(position, period_end, entries)


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def texts(pdf):
    """The text of each page."""
    return [page.extract_text() for page in read(pdf).pages]


def fonts_of(pdf):
    """Base name of every font that any page names, and whether its file is embedded."""
    found = {}
    for page in read(pdf).pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object().get("/FontDescriptor")
            found[font.get_object()["/BaseFont"]] = bool(
                descriptor and "/FontFile2" in descriptor.get_object()
            )
    return found
