"""The fields of a contract: how each is read from a form, shown in it, and called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from models import CONTRACT_STATUSES, AccountingMethod, Contract, ContractType
from services.formats import day as day_words
from services.formats import words
from services.forms import Reader, text
from services.importing.cells import BadCell, day, one_of, rate


def _same(value: Any) -> str:
    return str(value)


def _percent(value: int) -> str:
    return f"{Decimal(value) / 100:.2f}"


def _iso(value: date | None) -> str:
    return value.isoformat() if value else ""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the contract as a field of its form."""

    name: str
    label: str
    parse: Callable[[str], Any]
    #: What an empty field means; a required one has none.
    default: Any = ""
    is_required: bool = False
    #: Held while the contract stands.
    is_locked: bool = False
    #: The value as the form has it, and as the history says it.
    shown: Callable[[Any], str] = _same
    said: Callable[[Any], str] | None = None

    def read(self, reader: Reader) -> Any:
        if self.is_required:
            return reader.required(self.name, self.parse)
        return reader.optional(self.name, self.parse, self.default)

    def words(self, value: Any) -> str:
        return (self.said or self.shown)(value)


def _status(value: str) -> str:
    if value not in {status for found in CONTRACT_STATUSES.values() for status in found}:
        raise BadCell("choose a status from the list.")
    return value


def _date_field(name: str, label: str) -> Field:
    return Field(name, label, day, None, shown=_iso, said=day_words)


FIELDS = (
    Field("number", "Number", text(60), is_required=True),
    Field("title", "Title", text(300), is_required=True),
    Field(
        "type", "Type", one_of(ContractType), ContractType.SUBCONTRACT, is_locked=True, said=words
    ),
    Field("status", "Status", _status, "draft", said=words),
    Field(
        "accounting_method", "Accounting method", one_of(AccountingMethod),
        AccountingMethod.AMOUNT, is_locked=True, said=words,
    ),
    Field("work_retainage_rate", "Work retainage", rate, 0, is_locked=True, shown=_percent),
    Field("stored_retainage_rate", "Stored retainage", rate, 0, is_locked=True, shown=_percent),
    Field("payment_terms", "Payment terms", text(300)),
    _date_field("contract_date", "Contract date"),
    _date_field("start_date", "Start date"),
    _date_field("estimated_completion", "Estimated completion"),
    _date_field("execution_date", "Execution date"),
    _date_field("signed_received_date", "Signed contract received"),
    Field("description", "Description", text(10_000, lines=True)),
    Field("inclusions", "Inclusions", text(10_000, lines=True)),
    Field("exclusions", "Exclusions", text(10_000, lines=True)),
)  # fmt: skip
#: Check boxes: one that is not ticked is not sent.
SWITCHES = {"executed": "Executed", "invoices_enabled": "Can be billed"}


def shown(contract: Contract) -> dict[str, str]:
    """The fields of a contract as its form has them."""
    values = {field.name: field.shown(getattr(contract, field.name)) for field in FIELDS}
    values |= {name: "yes" if getattr(contract, name) else "" for name in SWITCHES}
    return values | {
        "company": contract.company.name,
        "company_address": contract.company.address,
    }


def read(reader: Reader, held: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a form gives. `held` are values of locked fields, which it may leave out
    but not change; mistakes are noted at `reader`."""
    values: dict[str, Any] = {}
    for field in FIELDS:
        if field.name in held and field.name not in reader.values:
            values[field.name] = held[field.name]
            continue
        values[field.name] = field.read(reader)
        if field.name in held and values[field.name] != held[field.name]:
            reader.errors.setdefault(field.name, "This is locked while the contract stands.")
    for name in SWITCHES:
        values[name] = bool(reader.text(name))
    if values["status"] not in CONTRACT_STATUSES[values["type"]]:
        kind = words(values["type"]).lower()
        reader.errors.setdefault("status", f"{words(values['status'])} is no status of a {kind}.")
    return values
