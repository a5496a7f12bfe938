"""Sliding-scale rules and invoice contacts of a contract, as its form has them."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from billing import MAX_RULES, Until, format_cents
from models import InvoiceContact, RetainageRule, db
from services.contract_history import Change
from services.forms import Reader, text
from services.importing.cells import BadCell, email, money, one_of, rate

#: More contacts than anybody mails about one contract.
MOST_CONTACTS = 20

_UNTIL_WORDS = {
    Until.PERCENT_OF_ORIGINAL: "of the original contract sum is held",
    Until.PERCENT_OF_REVISED: "of the revised contract sum is held",
    Until.AMOUNT: "is held",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule without its contract; its place is its position."""

    rate: int
    limit_kind: Until
    limit_rate: int | None
    limit_amount: int | None

    @property
    def limit(self) -> str:
        if self.limit_amount is not None:
            return format_cents(self.limit_amount)
        return f"{(self.limit_rate or 0) / 100:.2f}"

    @property
    def words(self) -> str:
        """10.00% until 5.00% of the original contract sum is held."""
        unit = "" if self.limit_kind == Until.AMOUNT else "%"
        until = f"{self.limit}{unit} {_UNTIL_WORDS[self.limit_kind]}"
        return f"{self.rate / 100:.2f}% until {until}"


@dataclass(frozen=True, slots=True)
class Contact:
    email: str
    name: str

    @property
    def words(self) -> str:
        return f"{self.name} <{self.email}>" if self.name else self.email


def rules_of(contract_id: int) -> list[Rule]:
    rows = db.session.scalars(RetainageRule.of_contract(contract_id))
    return [Rule(row.rate, row.limit_kind, row.limit_rate, row.limit_amount) for row in rows]


def contacts_of(contract_id: int) -> list[Contact]:
    rows = db.session.scalars(InvoiceContact.of_contract(contract_id))
    return [Contact(row.email, row.name) for row in rows]


def shown(rules: Sequence[Rule], contacts: Sequence[Contact]) -> dict[str, str]:
    """As fields: `rule_rate-1` and so on, `contact_email-1` and so on."""
    values: dict[str, str] = {}
    for place, rule in enumerate(rules, 1):
        values[f"rule_rate-{place}"] = f"{rule.rate / 100:.2f}"
        values[f"rule_until-{place}"] = rule.limit_kind.value
        values[f"rule_limit-{place}"] = rule.limit
    for place, contact in enumerate(contacts, 1):
        values[f"contact_email-{place}"] = contact.email
        values[f"contact_name-{place}"] = contact.name
    return values


def read_rules(reader: Reader) -> list[Rule]:
    """A row without rate and limit is no rule; the others move up."""
    rules = []
    for place in range(1, MAX_RULES + 1):
        if reader.text(f"rule_rate-{place}") or reader.text(f"rule_limit-{place}"):
            rule = _rule(reader, place)
            rules += [rule] if rule else []
    return rules


def _rule(reader: Reader, place: int) -> Rule | None:
    percent = reader.required(f"rule_rate-{place}", _some_percent)
    until = reader.required(f"rule_until-{place}", one_of(Until))
    of_amount = until is Until.AMOUNT
    limit = reader.required(f"rule_limit-{place}", _above_zero if of_amount else _some_percent)
    if percent is None or until is None or limit is None:
        return None
    return Rule(percent, until, None if of_amount else limit, limit if of_amount else None)


def _some_percent(value: str) -> int:
    if (hundredths := rate(value)) == 0:
        raise BadCell("a rule of 0 % never ends; leave the row empty instead.")
    return hundredths


def _above_zero(value: str) -> int:
    if (amount := money(value)) <= 0:
        raise BadCell("the amount is not above zero.")
    return amount


def read_contacts(reader: Reader) -> list[Contact]:
    found: dict[str, Contact] = {}
    for place in range(1, MOST_CONTACTS + 1):
        key = f"contact_email-{place}"
        name = reader.optional(f"contact_name-{place}", text(200), "")
        if not reader.text(key):
            if name:
                reader.errors[key] = "The address is needed."
            continue
        address = reader.required(key, email)
        if address in found:
            reader.errors[key] = f"{address} is listed twice."
        elif address:
            found[address] = Contact(address, name)
    return list(found.values())


def save_rules(contract_id: int, rules: Sequence[Rule]) -> list[Change]:
    """Replace the rules; returns what changed. The caller commits."""
    before = rules_of(contract_id)
    if before == list(rules):
        return []
    db.session.execute(sa.delete(RetainageRule).where(RetainageRule.contract_id == contract_id))
    rows = [
        {
            "contract_id": contract_id,
            "position": place,
            "rate": rule.rate,
            "limit_kind": rule.limit_kind,
            "limit_rate": rule.limit_rate,
            "limit_amount": rule.limit_amount,
        }
        for place, rule in enumerate(rules, 1)
    ]
    if rows:
        db.session.execute(sa.insert(RetainageRule), rows)
    return [Change("sliding scale", _listed(before), _listed(rules))]


def save_contacts(contract_id: int, contacts: Sequence[Contact]) -> list[Change]:
    """Make the list of contacts this one; returns what changed. The caller commits."""
    before = contacts_of(contract_id)
    if before == list(contacts):
        return []
    rows = {
        row.email: row for row in db.session.scalars(InvoiceContact.of_contract(contract_id)).all()
    }
    for address, row in rows.items():
        if address not in {contact.email for contact in contacts}:
            db.session.delete(row)
    for contact in contacts:
        if contact.email in rows:
            rows[contact.email].name = contact.name
        else:
            new = InvoiceContact(contract_id=contract_id, email=contact.email, name=contact.name)
            db.session.add(new)
    db.session.flush()
    return [Change("contacts", _listed(before), _listed(contacts))]


def _listed(things: Sequence[Rule] | Sequence[Contact]) -> str:
    return "; ".join(thing.words for thing in things)
