"""Verbs on many lines at once. They only fill in the form, as if somebody typed each field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from billing import SheetLine, format_cents, percent_of
from services.errors import AppError
from services.importing.cells import BadCell
from services.invoice_entry.drafts import Outcome, competitors, name_of
from services.invoice_entry.fields import BY_NAME
from services.invoice_entry.state import EntryState


class Verb(StrEnum):
    #: So much of the scheduled value is completed and stored in all.
    BILL = "bill"
    #: Withhold this percent.
    RETAIN = "retain"
    #: Release this percent of what is held.
    RELEASE = "release"


class BulkRefused(AppError):
    """The verb cannot be carried out."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is done, by how many percent, to which lines."""

    verb: Verb
    percent: str
    line_ids: Collection[int]

    @property
    def value(self) -> Decimal:
        """Raises BulkRefused."""
        field = BY_NAME["percent" if self.verb == Verb.BILL else "wrp"]
        try:
            value: Decimal = field.parse(self.percent)
        except BadCell as e:
            raise BulkRefused(str(e)) from e
        return value


def fill(
    state: EntryState, outcome: Outcome, form: Mapping[str, str], order: Order
) -> dict[str, str]:
    """The form with the fields of these lines filled in. Raises BulkRefused."""
    chosen = [line for line in state.lines if line.id in order.line_ids]
    if not chosen:
        raise BulkRefused("Tick the lines that this is for, or choose all lines.")
    value, rows, filled = order.value, outcome.rows, dict(form)
    for line in chosen:
        if (row := rows.get(line.key)) is None:
            continue
        for kind, text in _texts(row, order.verb, value).items():
            name = name_of(kind, line.id)
            filled[name] = text
            for other in competitors(name):
                filled.pop(other, None)
    return filled


def _texts(row: SheetLine, verb: Verb, percent: Decimal) -> dict[str, str]:
    text = f"{percent:f}"
    if verb == Verb.BILL:
        return {"percent": text} if row.scheduled_value else {}
    if verb == Verb.RETAIN:
        return {"wrp": text} | ({"srp": text} if row.materials_presently_stored else {})
    amounts = {
        "wrel": row.work_retainage_held + row.work_retainage_released,
        "srel": row.stored_retainage_held + row.stored_retainage_released,
    }
    return {kind: format_cents(percent_of(held, percent)) for kind, held in amounts.items() if held}
