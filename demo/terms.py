"""What the demo's contracts hold beside their lines: contacts, a sliding scale, payments."""

from collections.abc import Iterable
from datetime import date

from billing import decimal_string
from demo.attachments import SIGNERS
from demo.contracts import CONTRACTS
from demo.entries import CAP, CAPPED, billed
from demo.project import YEAR

Row = tuple[object, ...]

#: Invoices of months up to this one are paid in full; of one more invoice, half.
_PAID_UNTIL = 6
_HALF_PAID = ("SC-009", 5)


def rules() -> Iterable[Row]:
    for position, rule in enumerate(CAP, 1):
        yield CAPPED, position, rule.percent, rule.until.value, rule.limit_percent


def contacts() -> Iterable[Row]:
    """Whoever signs for the company also answers for its invoices."""
    for contract in CONTRACTS:
        if name := SIGNERS.get(contract.number):
            address = name.lower().replace(" ", ".")
            yield contract.number, f"{address}@{contract.number.lower()}.example", name


def payments() -> Iterable[Row]:
    for contract in CONTRACTS:
        number = 0
        for position, sheet in billed(contract).sheets.items():
            month, due = contract.month(position), sheet.summary.current_payment_due
            is_half = (contract.number, position) == _HALF_PAID
            if month > _PAID_UNTIL and not is_half:
                continue
            number += 1
            paid = due // 2 if is_half else due
            day = date(YEAR, month + 1, 28)
            yield contract.number, number, "electronic", decimal_string(paid), day, position
