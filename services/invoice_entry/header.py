"""What the form says of the invoice itself: number, billing date, comments, whether it is final."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from models import Invoice
from services.importing.cells import BadCell, day, text

LONGEST_NUMBER = 60
LONGEST_COMMENTS = 10_000


@dataclass(frozen=True, slots=True)
class Header:
    number: str
    billing_date: date | None
    comments: str
    is_final: bool

    @classmethod
    def of(cls, invoice: Invoice) -> "Header":
        return cls(invoice.number, invoice.billing_date, invoice.comments, invoice.is_final)

    def texts(self) -> dict[str, str]:
        """What the fields show."""
        return {
            "number": self.number,
            "billing_date": self.billing_date.isoformat() if self.billing_date else "",
            "comments": self.comments,
            "is_final": "yes" if self.is_final else "",
        }


#: What a message and the history call each.
LABELS = {
    "number": "Invoice number",
    "billing_date": "Billing date",
    "comments": "Comments",
    "is_final": "Final invoice",
}


def read(seen: Header, form: Mapping[str, str]) -> tuple[Header, dict[str, str]]:
    """The header with what the form has of it over what somebody saw, and a sentence for each
    field that was not understood. A form without a number has no header."""
    if "number" not in form:
        return seen, {}
    problems: dict[str, str] = {}
    number = form["number"].strip()
    comments = form.get("comments", "").strip()
    billed = form.get("billing_date", "").strip()
    found = replace(seen, is_final=bool(form.get("is_final")))
    try:
        found = replace(found, number=text(LONGEST_NUMBER)(number))
    except BadCell as e:
        problems["number"] = f"Invoice number: {e}"
    try:
        found = replace(found, comments=text(LONGEST_COMMENTS, lines=True)(comments))
    except BadCell as e:
        problems["comments"] = f"Comments: {e}"
    try:
        found = replace(found, billing_date=day(billed) if billed else None)
    except BadCell as e:
        problems["billing_date"] = f"Billing date: {e}"
    return found, problems
