"""Delivery tickets as drivers hand them over: printed, stamped, signed at the gate, scanned."""

import random
from dataclasses import dataclass
from datetime import date

from reportlab.lib.colors import HexColor

from demo import project
from demo.brands import brand
from demo.paper import GREY, INK, PALE, PEN, Paper
from demo.scan import scanned
from demo.supplies import SUPPLIERS, Product

_RED = HexColor("#b3261e")
_DRIVERS = ("R. Maddox", "T. Okafor", "L. Svensson", "J. Pruitt", "M. Delacroix", "C. Whitfield")
_FOREMEN = ("D. Vega", "S. Lindqvist", "A. Boateng", "K. Brandt")


@dataclass(frozen=True, slots=True)
class Delivery:
    supplier: str
    customer: str
    contract: str
    days: tuple[date, ...]


def delivery_tickets(delivery: Delivery, *, turned: bool = False) -> bytes:
    """One scanned page for each day. `turned`: the sheets went through the scanner sideways."""
    paper = Paper("Delivery tickets", delivery.supplier)
    for index, day in enumerate(delivery.days):
        if index:
            paper.next_page()
        _ticket(paper, delivery, day)
    return scanned(paper.pdf(), color=True, turned=turned)


def _ticket(paper: Paper, delivery: Delivery, day: date) -> None:
    chance = random.Random(f"ticket {delivery.supplier} {delivery.contract} {day}")
    supplier = SUPPLIERS[delivery.supplier]
    brand(delivery.supplier, supplier.address).letterhead(paper)
    paper.text(54, 122, "DELIVERY TICKET", 17, "Helvetica-Bold")
    paper.text(558, 124, f"No. {chance.randint(30_000, 79_999)}", 20, "Courier-Bold", _RED, "right")
    hour, minute = chance.randint(7, 14), chance.randint(0, 59)
    facts = (
        ("Date", f"{day:%m/%d/%Y}"), ("Arrived", f"{hour}:{minute:02}"),
        ("Truck", f"{chance.randint(2, 48):02}"), ("Driver", chance.choice(_DRIVERS)),
        ("Customer", delivery.customer), ("Contract", delivery.contract),
        ("Project", project.NAME), ("Deliver to", project.ADDRESS),
    )  # fmt: skip
    for index, (label, value) in enumerate(facts):
        x = (54, 181, 308, 435)[index] if index < 4 else (54, 308)[index % 2]
        y = 146 if index < 4 else 146 + 38 * (index // 2 - 1)
        paper.box(x, y - 9, (123 if index < 4 else 250), 32, stroke=GREY)
        paper.field(x + 6, y, label, value, 9.5)
    _load(paper, chance, supplier.products)
    _received(paper, chance)


def _load(paper: Paper, chance: random.Random, products: tuple[Product, ...]) -> None:
    rows = [("Product", "Ordered", "Delivered", "Unit", "Remarks")]
    for product in products:
        ordered = chance.randint(2, 40) if product.price > 1_000 else chance.randint(60, 900)
        short = chance.choice((0, 0, 0, 1))
        remark = "1 short, to follow" if short else ""
        rows.append((product.description, str(ordered), str(ordered - short), product.unit, remark))
    paper.table(54, 268, (218, 62, 62, 56, 106), rows, head=PALE, leading=21, size=9.5)
    for row in range(1, len(rows)):
        paper.text(480, 268 + 21 * row + 15, "√" if row % 2 else "ok", 12, "Courier-Oblique", PEN)


def _received(paper: Paper, chance: random.Random) -> None:
    foreman = chance.choice(_FOREMEN)
    paper.text(54, 400, "Received in good order, quantities checked at the gate:", 9)
    paper.signature(66, 446, foreman, 1.15)
    paper.rule(54, 452, 250, 0.7, INK)
    paper.text(54, 464, f"For the contractor ({foreman})", 7.5, color=GREY)
    paper.signature(336, 447, f"driver {foreman}")
    paper.rule(318, 452, 520, 0.7, INK)
    paper.text(318, 464, "Driver", 7.5, color=GREY)
    angle = chance.uniform(-11, 9)
    words = ("RECEIVED", "Harbor Point gate 2")
    paper.stamp(chance.uniform(380, 450), chance.uniform(530, 580), words, PEN, angle)
    paper.paragraph(
        54, 700,
        "Claims for shortage or damage are noted on this ticket before the truck leaves. Waiting "
        "time beyond thirty minutes is charged. White copy: office. Yellow copy: site.", 504, 7.5,
    )  # fmt: skip
