"""Which files come with which invoice, in the order of their names."""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from pathlib import Path

from demo import project, scenes
from demo.certificates import insurance_certificate
from demo.contracts import CONTRACTS
from demo.entries import RELEASED, billed
from demo.oddities import damaged, mail, quantities
from demo.photos import Scene, photo
from demo.project import Contract
from demo.reports import certified_payroll, stored_material, strength_report
from demo.scan import scanned
from demo.signed import SIGNED, signed_copy
from demo.supplier_invoices import Bill, supplier_invoice
from demo.tickets import Delivery, delivery_tickets
from demo.waivers import Waiver, conditional_waiver, unconditional_waiver

#: Name of the file, without the number that orders it, and its bytes.
File = tuple[str, bytes]

SIGNERS = {
    "SC-001": "Harlan Tolliver", "SC-002": "Ruth Norbeck", "SC-003": "Owen Marchetti",
    "SC-004": "Delia Calloway", "SC-005": "Peter Aldous", "SC-006": "Ines Kaplan",
    "SC-007": "Femi Oyelaran", "SC-008": "Gretchen Voss", "SC-009": "Amir Solberg",
    "SC-010": "Nadia Pruitt", "PO-101": "Wade Corliss", "PO-102": "Lena Halberd",
}  # fmt: skip
#: Whoever forgot the waiver, and whoever sent nothing at all.
WITHOUT_WAIVER = {("SC-005", 3), ("SC-010", 5), ("PO-102", 1)}
WITHOUT_FILES = {("SC-010", 2)}
#: The file of this invoice broke on the way.
DAMAGED = ("PO-102", 2)
#: The general liability policy of this contract has ended; this one sent its certificate again.
EXPIRED, SENT_AGAIN = "SC-004", ("SC-009", 4)
STORED = {"SC-003": "Waukesha shop, bays 4 and 5", "SC-006": "Holton Street warehouse",
          "PO-101": "Factory, Rockford, IL"}  # fmt: skip
_TICKETS = {"SC-001", "SC-002", "SC-004", "SC-005"}
_PAYROLLS = {("SC-008", 2), ("SC-008", 4), ("SC-008", 6), ("SC-009", 3), ("SC-009", 5),
             ("SC-010", 3), ("SC-010", 4)}  # fmt: skip
_PHOTOS: dict[tuple[str, int], tuple[Scene, str]] = {
    ("SC-001", 1): (scenes.excavation, "Excavation, looking east"),
    ("SC-001", 3): (scenes.excavation, "Backfill, north lot"),
    ("SC-002", 4): (scenes.concrete_deck, "Deck level 2, before the pour"),
    ("SC-002", 5): (scenes.concrete_deck, "Deck level 3, before the pour"),
    ("SC-003", 2): (scenes.steel_frame, "Frame, grid A to F"),
    ("SC-003", 4): (scenes.steel_frame, "Frame topped out"),
    ("SC-004", 3): (scenes.brick_wall, "South wall, second lift"),
    ("SC-005", 2): (scenes.roof, "Roof area B, membrane welded"),
    ("SC-006", 4): (scenes.facade, "East elevation, units set"),
    ("SC-007", 2): (scenes.interior, "Corridor 140, framing"),
    ("SC-008", 5): (scenes.interior, "Corridor 210, mains"),
    ("SC-009", 6): (scenes.equipment, "Electrical room 101"),
}
#: Contracts whose company proves each payment that it got.
_PROVING = {"SC-001", "SC-002", "SC-003", "SC-008"}
_POURS = {
    2: (("Footings, grid A to C", date(2026, 3, 18)), ("Footings, grid D to F", date(2026, 3, 24)),
        ("Foundation wall, east", date(2026, 3, 26))),
    4: (("Slab on grade, west wing", date(2026, 5, 20)),
        ("Slab on grade, imaging suite", date(2026, 5, 27))),
    5: (("Deck, level 2 west", date(2026, 6, 23)), ("Deck, level 2 east", date(2026, 6, 26))),
}  # fmt: skip


def write_files(folder: Path) -> None:
    """Write `attachments` and `signed` below the project folder."""
    for contract in CONTRACTS:
        for position in contract.positions:
            place = folder / "attachments" / contract.number / str(position)
            numbers = count(1)
            for name, content in files_of(contract, position):
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{next(numbers)} {name}").write_bytes(content)
            if (contract.number, position) == SIGNED:
                signed = folder / "signed" / contract.number
                signed.mkdir(parents=True)
                copy = signed_copy(contract, position, SIGNERS[contract.number])
                (signed / f"{position}.pdf").write_bytes(copy)


def files_of(contract: Contract, position: int) -> Iterator[File]:
    """The files of one invoice in their order; none for the invoice that came alone."""
    if (contract.number, position) in WITHOUT_FILES:
        return
    for maker in (_waivers, _suppliers, _tickets, _stored, _certificate, _reports, _rest):
        yield from maker(contract, position)


def _waivers(contract: Contract, position: int) -> Iterator[File]:
    if (contract.number, position) not in WITHOUT_WAIVER:
        is_final = (contract.number, position) == RELEASED
        name = "Conditional waiver, final.pdf" if is_final else "Conditional waiver.pdf"
        yield name, conditional_waiver(_waiver(contract, position, is_final=is_final))
    if contract.number in _PROVING and position > 1:
        paid = _waiver(contract, position - 1)
        yield f"Unconditional waiver {paid.invoice}.pdf", unconditional_waiver(paid)


def _waiver(contract: Contract, position: int, *, is_final: bool = False) -> Waiver:
    return Waiver(
        contract,
        contract.invoice_number(position),
        billed(contract).sheets[position].summary.current_payment_due,
        project.period(contract.month(position))[1],
        SIGNERS[contract.number],
        is_final,
    )


def _suppliers(contract: Contract, position: int) -> Iterator[File]:
    """The invoice behind the largest amount that a supplier stands behind."""
    if not (bill := _bill(contract, position)):
        return
    content = supplier_invoice(bill)
    if random.Random(bill.number).random() < 0.4:
        content = scanned(content)
    yield f"Invoice {bill.number} {bill.supplier}.pdf", content


def _bill(contract: Contract, position: int) -> Bill | None:
    bills = []
    for part in contract.parts:
        entry = billed(contract).entries[position].get(("", part.item))
        # What is installed from the store was backed when it was stored.
        is_installed = entry and entry.stored_installed and not entry.new_stored
        amount = entry.new_stored or entry.work_this_period if entry else 0
        if part.supplier and entry and amount > 0 and not is_installed:
            bills.append(
                Bill(
                    part.supplier,
                    contract.company,
                    contract.address,
                    f"{contract.number}, item {part.item}, {part.description.lower()}",
                    amount,
                    _workdays(contract, position, "bill")[0],
                    stored=bool(entry.new_stored),
                )
            )
    return max(bills, key=lambda bill: bill.total, default=None)


def _workdays(contract: Contract, position: int, purpose: str) -> list[date]:
    """Up to three days of the month, before the invoice is written."""
    chance = random.Random(f"{purpose} {contract.number} {position}")
    start = project.period(contract.month(position))[0]
    days = [start + timedelta(n) for n in range(2, 22)]
    workdays = [day for day in days if day.weekday() < 5]
    return sorted(chance.sample(workdays, chance.randint(1, 3)))


def _tickets(contract: Contract, position: int) -> Iterator[File]:
    bill = _bill(contract, position)
    if bill and contract.number in _TICKETS:
        days = _workdays(contract, position, "tickets")
        delivery = Delivery(bill.supplier, contract.company, contract.number, tuple(days))
        turned = (contract.number, position) == ("SC-004", 2)
        name = f"Delivery tickets {days[0]:%Y-%m}.pdf"
        yield name, delivery_tickets(delivery, turned=turned)


def _stored(contract: Contract, position: int) -> Iterator[File]:
    rows = [
        (
            line.description,
            line.materials_previously_stored + line.stored_installed,
            line.new_materials_stored,
            line.stored_installed,
        )
        for line in billed(contract).sheets[position].lines
        if line.materials_presently_stored or line.stored_installed
    ]
    if rows:
        day = project.period(contract.month(position))[1]
        content = stored_material(contract, day, rows, STORED[contract.number])
        yield f"Stored material {day:%Y-%m}.pdf", content


def _certificate(contract: Contract, position: int) -> Iterator[File]:
    if position == 1 or (contract.number, position) == SENT_AGAIN:
        ends = date(2026, 7, 31) if contract.number == EXPIRED else None
        yield "Certificate of insurance.pdf", insurance_certificate(contract, ends)


def _reports(contract: Contract, position: int) -> Iterator[File]:
    if contract.number == "SC-002" and position in _POURS:
        yield "Concrete strength tests.pdf", strength_report(_POURS[position])
    if (contract.number, position) in _PAYROLLS:
        middle = date(project.YEAR, contract.month(position), 18)
        friday = middle - timedelta((middle.weekday() - 4) % 7)
        yield f"Certified payroll {friday}.pdf", certified_payroll(contract, friday)


def _rest(contract: Contract, position: int) -> Iterator[File]:
    key, month = (contract.number, position), contract.month(position)
    if key in _PHOTOS:
        scene, caption = _PHOTOS[key]
        day = date(project.YEAR, month, 18)
        yield f"{caption}.jpg", photo(scene, caption, day)
    if key in {("SC-007", 1), ("SC-007", 3)}:
        yield f"Quantities {project.YEAR}-{month:02}.csv", quantities(contract, month)
    if key == ("SC-008", 3):
        yield "Mail.txt", mail(contract, project.billing_date(month))
    if key == DAMAGED:
        yield "Factory test report.pdf", damaged(scanned(insurance_certificate(contract)))
