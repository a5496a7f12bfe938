"""What differs between two backups, told by their manifests alone (docs/binder.md).

Pure: manifests are plain data, of any version; one without `invoices` tells no amounts.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from billing.money import parse_cents
from binder.plan import EntryKind
from services.natural import natural

Entry = Mapping[str, Any]
#: Number of a contract and position of an invoice on it.
InvoiceKey = tuple[str, int]
#: An entry of the older backup and its counterpart in the newer one; at most one is missing.
Pair = tuple[Entry | None, Entry | None]


class Mark(StrEnum):
    """What has become of a document."""

    NEW = "new"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Row:
    """A document that is not the same in both; pages are None where it is not."""

    mark: Mark
    kind: str
    name: str
    old_pages: int | None
    new_pages: int | None
    #: Why the newer backup left it out, if it says so.
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComparedInvoice:
    """An invoice with a difference. Payment due is in cents, None where it is not told."""

    contract: str
    company: str
    position: int
    rows: tuple[Row, ...]
    old_due: int | None
    new_due: int | None
    #: Whether the older and the newer backup have it at all.
    in_old: bool
    in_new: bool

    @property
    def is_due_changed(self) -> bool:
        """Both tell what is due, and not the same."""
        return None not in (self.old_due, self.new_due) and self.old_due != self.new_due


@dataclass(frozen=True, slots=True)
class Comparison:
    """Invoices with a difference in the natural order of their contracts, and what is the same."""

    invoices: tuple[ComparedInvoice, ...]
    #: Documents whose bytes are the same, on the same page and on another one.
    unchanged: int
    moved: int
    #: Pages of the whole files.
    old_pages: int
    new_pages: int

    def count(self, mark: Mark) -> int:
        """Documents with this mark."""
        return sum(row.mark == mark for invoice in self.invoices for row in invoice.rows)

    @property
    def same(self) -> int:
        """Documents whose bytes are the same."""
        return self.unchanged + self.moved

    @property
    def is_same(self) -> bool:
        """No document is new, changed or removed."""
        return not any(invoice.rows for invoice in self.invoices)


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Comparison:
    """The differences from the manifest `old` to the manifest `new`.

    A document is the same one when contract, position, kind and name are. Of several of one name,
    those with the same SHA-256 belong together first, and the others in their order.
    """
    olds, news = _by_invoice(old["entries"]), _by_invoice(new["entries"])
    old_told, new_told = _told(old), _told(new)
    reasons = {(*_key(row), row["name"]): str(row["reason"]) for row in new.get("left_out", ())}
    same = moved = 0
    invoices = []
    for key in sorted(olds.keys() | news.keys(), key=_order):
        found = list(pairs(olds.get(key, ()), news.get(key, ())))
        equal = [pair for pair in found if is_equal(pair)]
        same += len(equal)
        moved += sum(_place(before) != _place(after) for before, after in equal)
        invoice = ComparedInvoice(
            contract=key[0],
            company=(new_told.get(key) or old_told.get(key) or {}).get("company", ""),
            position=key[1],
            rows=tuple(_row(pair, key, reasons) for pair in found if not is_equal(pair)),
            old_due=_due(old_told.get(key)),
            new_due=_due(new_told.get(key)),
            in_old=key in olds,
            in_new=key in news,
        )
        if invoice.rows or invoice.is_due_changed:
            invoices.append(invoice)
    return Comparison(tuple(invoices), same - moved, moved, old["pages"], new["pages"])


def _key(row: Entry) -> InvoiceKey:
    return row["contract"], row["position"]


def _order(key: InvoiceKey) -> tuple[Any, str, int]:
    # Numbers that differ only in case are two contracts, and stay apart.
    return natural(key[0]), *key


def _by_invoice(entries: Sequence[Entry]) -> dict[InvoiceKey, list[Entry]]:
    found = defaultdict(list)
    for entry in entries:
        found[_key(entry)].append(entry)
    return dict(found)


def _told(manifest: Mapping[str, Any]) -> dict[InvoiceKey, Entry]:
    return {_key(row): row for row in manifest.get("invoices", ())}


def _due(invoice: Entry | None) -> int | None:
    return parse_cents(invoice["payment_due"]) if invoice and "payment_due" in invoice else None


def pairs(old: Sequence[Entry], new: Sequence[Entry]) -> Iterator[Pair]:
    """Every document of an invoice once: those of the newer backup in its order, then those that
    only the older one has."""
    partners: dict[int, Entry] = {}
    left = list(old)
    for identity in (_document_and_bytes, _document):
        left = _matched(left, new, identity, partners)
    yield from ((partners.get(index), entry) for index, entry in enumerate(new))
    yield from ((entry, None) for entry in left)


def _matched(
    old: Sequence[Entry],
    new: Sequence[Entry],
    identity: Callable[[Entry], tuple[str, ...]],
    partners: dict[int, Entry],
) -> list[Entry]:
    """Add to `partners`, by index in `new`, what is the same document; the rest of `old`."""
    waiting: dict[tuple[str, ...], deque[int]] = defaultdict(deque)
    for index, entry in enumerate(new):
        if index not in partners:
            waiting[identity(entry)].append(index)
    left = []
    for entry in old:
        if indexes := waiting[identity(entry)]:
            partners[indexes.popleft()] = entry
        else:
            left.append(entry)
    return left


def _document(entry: Entry) -> tuple[str, ...]:
    # An invoice has one drawing; what it is called is a matter of the project's dictionary.
    return entry["kind"], "" if entry["kind"] == EntryKind.INVOICE else entry["name"]


def _document_and_bytes(entry: Entry) -> tuple[str, ...]:
    return *_document(entry), entry["sha256"]


def is_equal(pair: Pair) -> bool:
    """Whether it is in both with the same content: bytes, or what a drawing shows."""
    before, after = pair
    if before is None or after is None:
        return False
    shows = before.get("shows")
    return before["sha256"] == after["sha256"] or bool(shows and shows == after.get("shows"))


def _place(entry: Entry | None) -> tuple[int, int]:
    return (entry.get("volume", 1), entry["first_page"]) if entry else (0, 0)


def _row(pair: Pair, key: InvoiceKey, reasons: Mapping[tuple[str, int, str], str]) -> Row:
    before, after = pair
    if after is None:
        assert before is not None, "a pair has at least one entry"
        why = reasons.get((*key, before["name"]), "")
        return Row(Mark.REMOVED, before["kind"], before["name"], before["pages"], None, why)
    mark = Mark.CHANGED if before else Mark.NEW
    old_pages = before["pages"] if before else None
    return Row(mark, after["kind"], after["name"], old_pages, after["pages"])
