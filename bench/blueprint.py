"""Which files a set has, decided before any is written, so that each can be written alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath
from random import Random

_MOST_IN_A_FORM = 3
#: Pages still missing where a booklet is put in, so that the set ends on its exact number.
_ROOM_FOR_BOOKLETS = 150


class Kind(StrEnum):
    """What a file looks like."""

    INVOICE = "invoice"
    SCAN = "scan"
    OFFICE = "office"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Size:
    """How large a set is. `pictures` different scans are drawn; files vary them cheaply."""

    name: str
    invoices: int
    contracts: int
    pages: int
    pictures: int
    seed: int = 20260831


SIZES = {
    size.name: size
    for size in (
        Size("tiny", invoices=2, contracts=1, pages=16, pictures=2, seed=4),
        Size("small", invoices=40, contracts=8, pages=400, pictures=16),
        Size("medium", invoices=375, contracts=60, pages=6000, pictures=48),
    )
}


@dataclass(frozen=True, slots=True)
class FileSpec:
    """One file to write: everything in it follows from these values."""

    path: PurePosixPath
    kind: Kind
    pages: int
    seed: int
    contract: str
    #: Running number of the invoice on its contract.
    position: int


def files(size: Size) -> list[FileSpec]:
    """The files of a set in the order of a backup; together exactly `size.pages` pages."""
    random = Random(size.seed)
    found: list[FileSpec] = []
    pages = 0
    for index, (contract, position) in enumerate(_invoices(size)):
        quota = size.pages * (index + 1) // size.invoices
        booklets = size.pages - pages > _ROOM_FOR_BOOKLETS
        for spec in _one_invoice(random, contract, position, quota - pages, booklets=booklets):
            found.append(spec)
            pages += spec.pages
    return found


def _invoices(size: Size) -> Iterator[tuple[str, int]]:
    """(contract, position) of each invoice, contracts in order."""
    position, last = 0, ""
    for index in range(size.invoices):
        contract = f"SC-{index * size.contracts // size.invoices + 1:03}"
        position = position + 1 if contract == last else 1
        last = contract
        yield contract, position


def _one_invoice(
    random: Random, contract: str, position: int, pages: int, *, booklets: bool
) -> Iterator[FileSpec]:
    """The invoice and attachments that fill `pages`.

    A booklet may exceed them; then the invoices after it have fewer.
    """
    folder = PurePosixPath(contract) / f"{position:02}"

    def spec(number: int, kind: Kind, count: int) -> FileSpec:
        path = folder / f"{number:02}-{kind.value}.pdf"
        return FileSpec(path, kind, count, random.getrandbits(48), contract, position)

    count = random.choice((2, 3, 3, 4))
    yield spec(0, Kind.INVOICE, count if booklets else min(pages, count))
    left, number = pages - count, 0
    while left > 0:
        number += 1
        kind = _kind(random)
        if booklets and kind is not Kind.FORM and random.random() < 0.02:
            count = random.randint(20, 40)
        else:
            count = min(left, _MOST_IN_A_FORM if kind is Kind.FORM else 40, _length(random))
        yield spec(number, kind, count)
        left -= count


def _kind(random: Random) -> Kind:
    return random.choices((Kind.SCAN, Kind.OFFICE, Kind.FORM), weights=(55, 33, 12))[0]


def _length(random: Random) -> int:
    """Pages of an attachment: mostly one to four."""
    return max(1, int(math.exp(random.gauss(0.75, 0.8))))
