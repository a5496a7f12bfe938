"""The demo project: who builds what, for how much, and in which months it is billed.

All names are invented. A line is billed in equal parts from its `first` to its `last` invoice;
what is billed in another way stands in `specials`.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

NUMBER = "2026-014"
NAME = "Harbor Point Medical Office Building"
OWNER = "Harbor Point Health Partners, LLC"
GENERAL_CONTRACTOR = "Kessler Lake Builders, Inc."
ARCHITECT = "Ostrander Vale Architects"
ADDRESS = "1180 Harbor Point Drive, Milwaukee, WI 53202"
YEAR = 2026
MONTHS = range(3, 9)
#: The month whose period is open.
OPEN_MONTH = 8


def period(month: int) -> tuple[date, date]:
    """First and last day of the billing period of a month."""
    return date(YEAR, month, 1), date(YEAR, month, monthrange(YEAR, month)[1])


def billing_date(month: int) -> date:
    """Invoices are due, and dated, the 25th."""
    return date(YEAR, month, 25)


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a schedule of values (in cents) and the invoices that bill it."""

    item: str
    description: str
    value: int
    code: str = ""
    first: int = 0
    last: int = 0
    #: Whose invoice backs what is billed on this line.
    supplier: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A change order, billed at once on the invoice in position `billed`."""

    number: str
    title: str
    status: str
    parts: tuple[Part, ...]
    approved: date | None = None
    billed: int = 0


@dataclass(frozen=True, slots=True)
class Contract:
    number: str
    title: str
    company: str
    address: str
    signed: date
    #: How this company numbers its invoices, and its first one here.
    prefix: str
    first_number: int
    #: One invoice for each month, in order.
    months: tuple[int, ...]
    parts: tuple[Part, ...]
    orders: tuple[Order, ...] = ()
    work_rate: int = 10
    stored_rate: int = 10
    executed: bool = True

    @property
    def is_purchase_order(self) -> bool:
        return self.number.startswith("PO")

    @property
    def positions(self) -> range:
        return range(1, len(self.months) + 1)

    def month(self, position: int) -> int:
        return self.months[position - 1]

    def invoice_number(self, position: int) -> str:
        return f"{self.prefix}{self.first_number + 3 * (position - 1)}"


#: Aug statuses; invoices of closed periods are approved unless named here.
STATUSES = {
    ("SC-002", 6): "under_review",
    ("SC-003", 5): "under_review",
    ("SC-005", 3): "draft",
    ("SC-006", 3): "approved_as_noted",
    ("SC-006", 4): "revise_and_resubmit",
    ("SC-007", 3): "under_review",
    ("SC-008", 6): "pending_owner_approval",
    ("SC-010", 5): "draft",
    ("PO-101", 2): "under_review",
}
COMMENTS = {
    ("SC-001", 5): "Work is complete and accepted; this invoice releases the retainage.",
    ("SC-002", 4): "The rest of the north lot wall is billed and credited by change order 2.",
    ("SC-003", 1): "Steel is stored in bays 4 and 5 of the Waukesha shop and insured there.",
    ("SC-006", 3): "Approved as noted: unit W-14 has a scratched mullion, to be replaced.",
    ("SC-006", 4): "Please send the bill of sale for the stored units of elevation B.",
    ("SC-008", 4): "Retainage falls to 5 % from this invoice on, as agreed on June 3.",
    ("SC-009", 4): "10 % is withheld until 5 % of the contract is held.",
}
