"""Creating, changing and deleting contracts. Every change is in the contract's history."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from models import (
    AccountingMethod,
    Company,
    Contract,
    ContractType,
    Invoice,
    InvoiceLine,
    Payment,
    Project,
    SovLine,
    db,
)
from services import audit, contract_fields, contract_terms, sheets
from services.contract_history import Change, last_hand, note
from services.contract_locks import ContractLocked, claim, invoice_ids, is_locked
from services.errors import AppError
from services.forms import FormRefused, Reader, StaleSave, text

_PREFIXES = {ContractType.SUBCONTRACT: "SC", ContractType.PURCHASE_ORDER: "PO"}


class ContractStale(StaleSave):
    """Like `StaleSave`, with the fields as they are now."""

    def __init__(self, sentence: str, now: Mapping[str, str]) -> None:
        self.now = dict(now)
        super().__init__(sentence)


class ContractRefused(AppError):
    """The contract cannot be deleted."""


def proposed_number(project: Project, kind: ContractType) -> str:
    """SC-[project number]-001 (docs/domain.md 20): after the highest of this pattern."""
    stem = f"{_PREFIXES[kind]}-{project.number}-"
    query = sa.select(Contract.number).where(Contract.project_id == project.id)
    ends = [
        int(number.removeprefix(stem))
        for number in db.session.scalars(query)
        if number.startswith(stem) and _is_count(number.removeprefix(stem))
    ]
    return f"{stem}{max(ends, default=0) + 1:03}"


def _is_count(end: str) -> bool:
    return end.isascii() and end.isdecimal() and len(end) <= 6


def companies(project_id: int) -> Sequence[Company]:
    query = sa.select(Company).where(Company.project_id == project_id)
    return db.session.scalars(query.order_by(sa.func.lower(Company.name))).all()


def shown(contract: Contract) -> dict[str, str]:
    """The contract as its form has it."""
    return contract_fields.shown(contract) | contract_terms.shown(
        contract_terms.rules_of(contract.id), contract_terms.contacts_of(contract.id)
    )


def create(project: Project, form: Mapping[str, str], *, user_id: int) -> Contract:
    """Raises `FormRefused` with the sentence for each field."""
    reader = Reader(form)
    values = contract_fields.read(reader, {})
    company = reader.required("company", text(200))
    address = reader.optional("company_address", text(400, lines=True), "")
    rules = contract_terms.read_rules(reader)
    contacts = contract_terms.read_contacts(reader)
    _refuse_taken(reader, project.id, values["number"], None)
    reader.finish()
    contract = Contract(
        project_id=project.id,
        company_id=_company(project.id, company or "", address).id,
        is_private=bool(form.get("is_private")),
        **values,
    )
    db.session.add(contract)
    db.session.flush()
    contract_terms.save_rules(contract.id, rules)
    contract_terms.save_contacts(contract.id, contacts)
    created = Change("created", "", f"{contract.number} {contract.title}")
    note(contract, [created], user_id=user_id, action="contract.created")
    db.session.commit()
    return contract


def update(contract: Contract, form: Mapping[str, str], *, user_id: int) -> list[int]:
    """Save the form; returns the invoices whose pages show something else now.

    Raises `FormRefused` with the sentence for each field, and `ContractStale` where somebody else
    saved since the form was opened.
    """
    reader = Reader(form)
    locked = is_locked(contract)
    values = contract_fields.read(reader, _held(contract) if locked else {})
    company, address = _read_company(reader, contract, locked=locked)
    rules = contract_terms.rules_of(contract.id)
    if not locked:
        rules = contract_terms.read_rules(reader)
    contacts = contract_terms.read_contacts(reader)
    _refuse_taken(reader, contract.project_id, values["number"], contract.id)
    _refuse_method(reader, contract, values["accounting_method"])
    reader.finish()
    _claim(contract, form)
    changes = _changes(contract, values)
    _keep_billed_rates(contract, values)
    for name, value in values.items():
        setattr(contract, name, value)
    changes += _move_to(contract, company, address)
    changes += contract_terms.save_rules(contract.id, rules)
    changes += contract_terms.save_contacts(contract.id, contacts)
    note(contract, changes, user_id=user_id)
    sheets.recalculate([contract.id])
    db.session.commit()
    return list(invoice_ids(contract.id)) if changes else []


def change_status(contract: Contract, status: str, seen: int, *, user_id: int) -> list[int]:
    """Give the contract another status, which may lock or unlock it.

    Raises `FormRefused` for what is no status of its type, `StaleSave` after somebody's change.
    """
    values = contract_fields.shown(contract) | {"status": status}
    reader = Reader(values)
    contract_fields.read(reader, {})
    if "status" in reader.errors:
        raise FormRefused({"status": reader.errors["status"]}, reader.errors["status"])
    if status == contract.status:
        return []
    claim(contract, seen, last_hand(contract.id))
    old, contract.status = contract.status, status
    labels = {field.name: field for field in contract_fields.FIELDS}
    words = labels["status"].words
    note(contract, [Change("status", words(old), words(status))], user_id=user_id)
    db.session.commit()
    return list(invoice_ids(contract.id))


def delete(contract: Contract) -> None:
    """Raises `ContractLocked` or `ContractRefused`; a contract with invoices is never deleted."""
    if is_locked(contract):
        raise ContractLocked("A contract in this status is not deleted; change the status first.")
    for model, what in ((Invoice, "invoices"), (Payment, "payments")):
        query = sa.select(model.id).where(model.contract_id == contract.id).limit(1)
        if db.session.scalar(query) is not None:
            raise ContractRefused(f"A contract that has {what} is never deleted.")
    audit.record(
        "contract.deleted",
        project=contract.project_id,
        subject=("contract", contract.id),
        detail={"contract": contract.number, "title": contract.title},
    )
    db.session.delete(contract)
    db.session.commit()


def _held(contract: Contract) -> dict[str, Any]:
    return {
        field.name: getattr(contract, field.name)
        for field in contract_fields.FIELDS
        if field.is_locked
    }


def _read_company(reader: Reader, contract: Contract, *, locked: bool) -> tuple[str, str]:
    now = contract.company
    if locked and "company" not in reader.values:
        return now.name, now.address
    company = reader.required("company", text(200)) or now.name
    if locked and company != now.name:
        reader.errors["company"] = "This is locked while the contract stands."
    return company, reader.optional("company_address", text(400, lines=True), "")


def _refuse_taken(
    reader: Reader, project_id: int, number: str | None, contract_id: int | None
) -> None:
    taken = sa.select(Contract.id).where(
        Contract.project_id == project_id, Contract.number == number, Contract.id != contract_id
    )
    if number and db.session.scalar(taken) is not None:
        reader.errors.setdefault("number", f"Another contract of this project is {number}.")


def _refuse_method(reader: Reader, contract: Contract, method: AccountingMethod) -> None:
    if method == contract.accounting_method:
        return
    has_lines = sa.select(SovLine.id).where(SovLine.contract_id == contract.id).limit(1)
    if db.session.scalar(has_lines) is not None:
        sentence = "This changes only while the contract has no lines."
        reader.errors.setdefault("accounting_method", sentence)


def _claim(contract: Contract, form: Mapping[str, str]) -> None:
    seen = form.get("version", "")
    try:
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0
        claim(contract, version, last_hand(contract.id))
    except StaleSave as e:
        db.session.rollback()
        now = shown(contract)
        differing = {
            name: value for name, value in now.items() if form.get(name, "").strip() != value
        }
        raise ContractStale(str(e), differing) from e


def _changes(contract: Contract, values: Mapping[str, Any]) -> list[Change]:
    found = []
    for field in contract_fields.FIELDS:
        before, after = getattr(contract, field.name), values[field.name]
        if before != after:
            found.append(Change(field.label.lower(), field.words(before), field.words(after)))
    for name, label in contract_fields.SWITCHES.items():
        if getattr(contract, name) != values[name]:
            before, after = ("yes", "no") if getattr(contract, name) else ("no", "yes")
            found.append(Change(label.lower(), before, after))
    return found


def _keep_billed_rates(contract: Contract, values: Mapping[str, Any]) -> None:
    """Another rate is for what will be billed: what was, keeps the rate it was billed at."""
    for column, amount in (
        ("work_retainage_rate", InvoiceLine.work_retainage),
        ("stored_retainage_rate", InvoiceLine.stored_retainage),
    ):
        before = getattr(contract, column)
        if before != values[column]:
            without = getattr(InvoiceLine, column).is_(None)
            db.session.execute(
                sa.update(InvoiceLine)
                .where(InvoiceLine.contract_id == contract.id, without, amount.is_(None))
                .values({column: before})
            )


def _move_to(contract: Contract, name: str, address: str) -> list[Change]:
    before = contract.company
    company = before if before.name == name else _company(contract.project_id, name, address)
    changes = []
    if company is not before:
        contract.company = company
        changes.append(Change("company", before.name, company.name))
    elif address != company.address:
        changes.append(Change("company address", company.address, address))
        company.address = address
    return changes


def _company(project_id: int, name: str, address: str) -> Company:
    """The company of that name in the project, made where there is none."""
    query = sa.select(Company).where(Company.project_id == project_id, Company.name == name)
    company = db.session.scalar(query)
    if company is None:
        company = Company(project_id=project_id, name=name, address=address)
        db.session.add(company)
        db.session.flush()
    elif address:
        company.address = address
    return company
