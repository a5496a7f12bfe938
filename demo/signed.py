"""A signed copy: the invoice itself as Drawpack draws it, printed, signed in ink and scanned."""

import io
from collections.abc import Iterator

import pypdfium2
from pypdf import PdfReader, PdfWriter
from reportlab.lib.colors import HexColor

from billing import format_cents
from binder.render.document import (
    ChangeOrderTitle,
    ContractFacts,
    InvoiceDocument,
    InvoiceFacts,
    ProjectFacts,
)
from binder.render.invoice import render_invoice
from demo import project
from demo.entries import billed
from demo.paper import PEN, Paper
from demo.project import COMMENTS, Contract
from demo.scan import scanned

#: The contract and position that came back signed.
SIGNED = ("SC-001", 4)


def signed_copy(contract: Contract, position: int, signed_by: str) -> bytes:
    """The scan of the invoice after three people have filled in its last block."""
    drawn = render_invoice(_document(contract, position))
    ink = Paper("Ink")
    for (x, y), words in _filled_in(drawn, contract, position, signed_by):
        if words.startswith("ink:"):
            ink.signature(x + 68, y - 1, words, 0.9)
        else:
            ink.text(x + 66, y - 1, words, 9, "Courier-Oblique", PEN)
    ink.stamp(330, 690, ("NOTARY PUBLIC", "State of Wisconsin"), HexColor("#7a7f87"), 8)
    pages = PdfWriter(clone_from=PdfReader(io.BytesIO(drawn)))
    pages.pages[0].merge_page(PdfReader(io.BytesIO(ink.pdf())).pages[0])
    out = io.BytesIO()
    pages.write(out)
    return scanned(out.getvalue(), color=True, dpi=130)


def _filled_in(
    drawn: bytes, contract: Contract, position: int, signed_by: str
) -> Iterator[tuple[tuple[float, float], str]]:
    """Where something is written, with what; a label is found by its words, from left to right."""
    day = f"{project.billing_date(contract.month(position)):%m/%d/%Y}"
    due = billed(contract).sheets[position].summary.current_payment_due
    written = {
        "Signature": (f"ink: {signed_by}",),
        "Name": (signed_by,),
        "Title": ("President", "Project executive"),
        "Date": (day, day, day),
        "State, county": ("WI, Waukesha",),
        "Notary public": ("ink: notary",),
        "Term ends": ("12/31/2027",),
        "Amount": (f"${format_cents(due)}",),
        "By": ("ink: project executive",),
    }
    document = pypdfium2.PdfDocument(drawn)
    page = document[0]
    for label, words in written.items():
        yield from zip(_places(page, label), words, strict=True)
    document.close()


def _places(page: pypdfium2.PdfPage, label: str) -> list[tuple[float, float]]:
    """Left edge and baseline, from the top, of the label's places in the last block."""
    text, height = page.get_textpage(), page.get_height()
    search = text.search(label, match_case=True, match_whole_word=True)
    places = []
    while match := search.get_next():
        left, bottom, _, _ = text.get_charbox(match[0], loose=True)
        places.append((left, height - bottom))
    return sorted(place for place in places if place[1] > height / 2)


def _document(contract: Contract, position: int) -> InvoiceDocument:
    start, end = project.period(contract.month(position))
    sheet = billed(contract).sheets[position]
    shown = {line.change_order for line in sheet.lines}
    return InvoiceDocument(
        project=ProjectFacts(
            project.NAME,
            project.NUMBER,
            project.OWNER,
            project.GENERAL_CONTRACTOR,
            project.ARCHITECT,
            project.ADDRESS,
        ),
        contract=ContractFacts(
            contract.number, contract.title, contract.company, contract.address, contract.signed
        ),
        invoice=InvoiceFacts(
            position,
            contract.invoice_number(position),
            "Approved",
            is_draft=False,
            period_start=start,
            period_end=end,
            billing_date=project.billing_date(contract.month(position)),
            comments=COMMENTS.get((contract.number, position), ""),
        ),
        sheet=sheet,
        change_orders=tuple(
            ChangeOrderTitle(order.number, order.title)
            for order in contract.orders
            if order.number in shown
        ),
    )
