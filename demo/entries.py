"""What each invoice of the demo enters, and what `billing` makes of it."""

from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from billing import (
    ChangeOrder,
    ContractInput,
    Entry,
    InvoiceInput,
    Line,
    LineKey,
    Rule,
    Sheet,
    Until,
    bill,
    percent_of,
    retainage_by_rules,
    spread,
)
from demo.project import Contract, Part, period

Entries = dict[LineKey, Entry]


#: Stored material, installed later; a wall half built; general conditions billed too far.
SPECIALS: dict[tuple[str, int], dict[str, Entry]] = {
    ("SC-002", 3): {"060": Entry(9_920_00)},
    ("SC-002", 4): {"060": Entry(14_880_00)},
    ("SC-003", 1): {"020": Entry(new_stored=186_400_00)},
    ("SC-003", 2): {"020": Entry(120_000_00, 214_350_00, 120_000_00)},
    ("SC-003", 3): {"020": Entry(200_750_00, 135_250_00, 200_750_00)},
    ("SC-003", 4): {"020": Entry(215_250_00, 76_000_00, 215_250_00)},
    ("SC-003", 5): {"020": Entry(76_000_00, 0, 76_000_00)},
    ("SC-006", 2): {"020": Entry(new_stored=96_500_00)},
    ("SC-006", 3): {"020": Entry(60_000_00, 88_250_00, 60_000_00)},
    ("SC-006", 4): {"020": Entry(70_000_00, 0, 70_000_00)},
    ("SC-007", 1): {"040": Entry(9_000_00)},
    ("SC-007", 2): {"040": Entry(9_000_00)},
    ("SC-007", 3): {"040": Entry(6_750_00)},
    ("PO-101", 1): {"010": Entry(new_stored=148_800_00)},
    ("PO-101", 2): {"010": Entry(223_200_00, 0, 148_800_00)},
}
#: The last invoice of this contract bills nothing and gives back what is held.
RELEASED = ("SC-001", 5)
#: Retainage of this contract falls to 5 % in this position.
SLIDING, SLIDES_IN = "SC-008", 4
#: 10 % of this contract is withheld until 5 % of it is held.
CAPPED = "SC-009"
CAP = [Rule(Decimal(10), Until.PERCENT_OF_ORIGINAL, limit_percent=Decimal(5))]


@dataclass(frozen=True, slots=True)
class Billed:
    """A contract with all that its invoices enter and say, by position."""

    entries: dict[int, Entries]
    sheets: dict[int, Sheet]


@cache
def billed(contract: Contract) -> Billed:
    entries: dict[int, Entries] = {}
    for position in contract.positions:
        entries[position] = _with_retainage(contract, position, _work(contract, position), entries)
    return Billed(entries, _sheets(contract, entries))


def _sheets(contract: Contract, entries: dict[int, Entries]) -> dict[int, Sheet]:
    invoices = tuple(
        InvoiceInput(position, period(contract.month(position))[1], entries[position])
        for position in entries
    )
    sheets = bill(
        ContractInput(
            lines=tuple(_line(part) for part in contract.parts),
            change_orders=tuple(
                ChangeOrder(
                    order.number,
                    order.title,
                    order.approved,
                    tuple(_line(part, order.number) for part in order.parts),
                )
                for order in contract.orders
                if order.status == "approved"
            ),
            invoices=invoices,
            work_retainage_percent=Decimal(contract.work_rate),
            stored_retainage_percent=Decimal(contract.stored_rate),
        )
    )
    return {sheet.position: sheet for sheet in sheets}


def _line(part: Part, order: str = "") -> Line:
    return Line(part.item, part.description, part.value, order, part.code)


def _work(contract: Contract, position: int) -> Entries:
    """What is billed, before anybody thinks of retainage."""
    found: Entries = {}
    for part in contract.parts:
        if part.first <= position <= part.last:
            done, before = (_until(part, p) for p in (position, position - 1))
            found["", part.item] = Entry(work_this_period=done - before)
    for item, entry in SPECIALS.get((contract.number, position), {}).items():
        found["", item] = entry
    for order in contract.orders:
        if order.billed == position:
            for part in order.parts:
                found[order.number, part.item] = Entry(work_this_period=part.value)
    return found


def _until(part: Part, position: int) -> int:
    """Cents billed in all once the invoice in `position` is, in whole dollars until the last."""
    parts, done = part.last - part.first + 1, position - part.first + 1
    total = part.value * done // parts
    return total if done == parts else total // 100 * 100


def _with_retainage(
    contract: Contract, position: int, work: Entries, before: dict[int, Entries]
) -> Entries:
    if (contract.number, position) == RELEASED:
        return _released(contract, before)
    if contract.number == SLIDING:
        percent = Decimal(5 if position >= SLIDES_IN else 10)
        return {key: replace(entry, work_retainage_percent=percent) for key, entry in work.items()}
    if contract.number == CAPPED:
        return _capped(contract, work, before)
    return work


def _released(contract: Contract, before: dict[int, Entries]) -> Entries:
    last = _sheets(contract, before)[len(before)]
    return {
        (line.change_order, line.item): Entry(work_retainage_released=line.work_retainage_held)
        for line in last.lines
    }


def _capped(contract: Contract, work: Entries, before: dict[int, Entries]) -> Entries:
    """The cap is on the contract; its share of this invoice is spread over the lines billed."""
    original = sum(part.value for part in contract.parts)
    earlier = sum(e.work_this_period for entries in before.values() for e in entries.values())
    now = [entry.work_this_period for entry in work.values()]
    held, kept = (
        retainage_by_rules(CAP, amount, original=original, revised=original)
        for amount in (earlier, earlier + sum(now))
    )
    assert kept <= percent_of(original, Decimal(5))
    shares = spread(kept - held, now)
    return {
        key: replace(entry, work_retainage=share)
        for (key, entry), share in zip(work.items(), shares, strict=True)
    }
