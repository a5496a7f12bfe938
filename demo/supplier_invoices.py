"""The invoice of a supplier, to the cent what the subcontractor bills on the line it backs."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reportlab.lib.colors import HexColor

from billing import format_cents
from demo import project
from demo.brands import Brand, brand
from demo.paper import GREY, INK, PALE, Paper
from demo.supplies import SUPPLIERS

_SHARES = (0.52, 0.3, 0.11)


@dataclass(frozen=True, slots=True)
class Bill:
    """What a supplier asks for; `stored` is material that was not delivered to the site."""

    supplier: str
    customer: str
    customer_address: str
    purpose: str
    total: int
    day: date
    stored: bool = False

    @property
    def number(self) -> str:
        chance = random.Random(f"{self.supplier} {self.customer} {self.day} {self.purpose}")
        initials = "".join(word[0] for word in self.supplier.split() if word.isalpha())[:2]
        return f"{initials}-{chance.randint(20_000, 89_999)}"


def supplier_invoice(bill: Bill) -> bytes:
    supplier = SUPPLIERS[bill.supplier]
    look = brand(bill.supplier, supplier.address)
    paper = Paper(f"Invoice {bill.number}", bill.supplier)
    top = _head(paper, look, bill)
    _facts(paper, bill, top)
    end = paper.table(
        54, top + 118, (216, 66, 48, 84, 90), [_HEADS, *_rows(bill)],
        head=look.color if look.face == "Helvetica" else PALE,
        head_text=HexColor("#ffffff") if look.face == "Helvetica" else INK,
        numbers=3, font=look.face, bold=look.bold, size=8.8, leading=19,
    )  # fmt: skip
    _total(paper, look, bill, end)
    return paper.pdf()


_HEADS = ("Description", "Quantity", "Unit", "Price", "Amount")


def _head(paper: Paper, look: Brand, bill: Bill) -> float:
    """Draws the top of the page; returns where the facts begin."""
    if look.face == "Helvetica":
        look.band(paper, "INVOICE")
        return 112
    if look.face == "Times-Roman":
        look.plain(paper, f"INVOICE {bill.number}")
        return 132
    look.letterhead(paper)
    paper.text(paper.width - 54, 66, "INVOICE", 15, look.bold, INK, "right")
    return 118


def _facts(paper: Paper, bill: Bill, top: float) -> None:
    paper.field(54, top, "Bill to", bill.customer)
    paper.text(54, top + 27, bill.customer_address, 8, color=GREY)
    where = "Stored for the project named below" if bill.stored else project.ADDRESS
    paper.field(54, top + 48, "Stored" if bill.stored else "Ship to", where)
    paper.field(54, top + 82, "Project", f"{project.NUMBER}  {project.NAME}")
    for row, (label, value) in enumerate(
        (
            ("Invoice number", bill.number),
            ("Date", f"{bill.day:%B} {bill.day.day}, {bill.day.year}"),
            (
                "Due",
                f"{bill.day + timedelta(30):%B} {(bill.day + timedelta(30)).day}, {bill.day.year}",
            ),
        )
    ):
        paper.field(420, top + 34 * row, label, value)


def _rows(bill: Bill) -> Sequence[Sequence[str]]:
    """Quantities at list price, and freight for what is left, so that the sum is exact."""
    rows, left = [], bill.total
    for product, share in zip(SUPPLIERS[bill.supplier].products, _SHARES, strict=True):
        quantity = int(bill.total * share) // product.price
        if quantity:
            amount = quantity * product.price
            left -= amount
            rows.append(
                (
                    product.description,
                    f"{quantity:,}",
                    product.unit,
                    format_cents(product.price),
                    format_cents(amount),
                )
            )
    handling = "Handling and storage" if bill.stored else "Freight and fuel"
    return [*rows, (handling, "1", "lot", format_cents(left), format_cents(left))]


def _total(paper: Paper, look: Brand, bill: Bill, end: float) -> None:
    right = paper.width - 54
    for row, (label, amount) in enumerate((("Subtotal", bill.total), ("Sales tax (exempt)", 0))):
        paper.text(right - 100, end + 24 + 17 * row, label, 9, look.face, GREY, "right")
        paper.text(
            right - 5, end + 24 + 17 * row, format_cents(amount), 9, look.face, align="right"
        )
    paper.box(right - 214, end + 54, 214, 26, fill=PALE, radius=3)
    paper.text(right - 100, end + 71, "Total due", 10.5, look.bold, align="right")
    paper.text(right - 5, end + 71, f"${format_cents(bill.total)}", 11, look.bold, align="right")
    paper.text(54, end + 30, f"For: {bill.purpose}", 9, look.face)
    paper.text(54, end + 47, "Net 30 days. Material remains ours until it is paid.", 8, color=GREY)
    paper.rule(54, 730, right)
    paper.text(54, 744, f"{look.name}, {look.address}", 7.5, color=GREY)
