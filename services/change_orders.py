"""Change orders of a contract: creating, changing, deleting them with their lines."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from models import ChangeOrder, ChangeOrderStatus, Contract, SovLine, db
from services import schedule_grid, schedule_saving, sheets
from services.contract_history import Change, note
from services.contract_locks import (
    ContractLocked,
    billed_lines,
    billed_orders,
    claim,
    invoice_ids,
)
from services.formats import day as day_words
from services.formats import words
from services.forms import FormRefused, Reader, text
from services.importing.cells import day, one_of
from services.schedule_grid import SOME_ROWS, Grid
from services.schedule_saving import Scope
from services.schedules import claim_for


@dataclass(frozen=True, slots=True)
class Facts:
    """What a change order is beside its lines."""

    number: str
    title: str
    status: ChangeOrderStatus
    approved_date: date | None


def proposed(contract: Contract) -> dict[str, str]:
    """The fields of a new one, with the next whole number."""
    query = sa.select(ChangeOrder.number).where(ChangeOrder.contract_id == contract.id)
    numbers = [
        int(number)
        for number in db.session.scalars(query)
        if number.isascii() and number.isdecimal() and len(number) <= 6
    ]
    return {
        "number": str(max(numbers, default=0) + 1),
        "title": "",
        "status": ChangeOrderStatus.DRAFT.value,
        "approved_date": "",
    }


def shown(order: ChangeOrder) -> dict[str, str]:
    """The fields as the form has them."""
    return {
        "number": order.number,
        "title": order.title,
        "status": order.status.value,
        "approved_date": order.approved_date.isoformat() if order.approved_date else "",
    }


def blank_grid(contract: Contract) -> Grid:
    grid = Grid([], Scope(contract).is_unit)
    grid.add_blank(SOME_ROWS // 2)
    return grid


def why_held(order: ChangeOrder) -> str:
    """Why status and lines stay as they are; "" while they do not."""
    if order.status != ChangeOrderStatus.APPROVED:
        return ""
    if order.id in billed_orders(order.contract_id):
        return (
            "An invoice bills this change order, so it stays approved with the lines it has. "
            "Another change order can add to it or take from it."
        )
    return "It is approved, so its lines are locked: give it another status first."


def read_grid(contract: Contract, form: MultiDict[str, str]) -> Grid:
    """Raises `schedule_grid.IncompleteGrid`."""
    return schedule_grid.read(
        form, is_unit=Scope(contract).is_unit, billed=billed_lines(contract.id)
    )


def create(
    contract: Contract, form: Mapping[str, str], grid: Grid, seen: int, *, user_id: int
) -> list[int]:
    """Add a change order with its lines; returns the invoices that show something else now.

    Raises `FormRefused`, and `StaleSave` after somebody's change of the contract.
    """
    facts = _read(contract, form, None)
    _refuse_mistakes(grid)
    claim(contract, seen)
    last = sa.select(sa.func.max(ChangeOrder.position)).where(
        ChangeOrder.contract_id == contract.id
    )
    order = ChangeOrder(
        contract_id=contract.id,
        position=(db.session.scalar(last) or 0) + 1,
        number=facts.number,
        title=facts.title,
        status=facts.status,
        approved_date=facts.approved_date,
    )
    db.session.add(order)
    db.session.flush()
    what = f"{facts.title}, {words(facts.status)}"
    changes = [Change("created", "", what, f"Change order {facts.number}")]
    changes += schedule_saving.write(Scope(contract, order), grid)
    return _done(contract, changes, user_id)


def update(
    order: ChangeOrder,
    form: Mapping[str, str],
    grid: Grid | None,
    seen: int,
    *,
    user_id: int,
) -> list[int]:
    """Save the form of a change order; no grid leaves its lines alone. Raises `ContractLocked`
    for what an invoice bills, and what `create` raises."""
    contract = order.contract
    facts = _read(contract, form, order)
    if order.status == ChangeOrderStatus.APPROVED:
        is_billed = order.id in billed_orders(contract.id)
        if is_billed and facts.status != ChangeOrderStatus.APPROVED:
            raise ContractLocked(why_held(order))
        if grid is not None:
            raise ContractLocked(why_held(order))
    scope = Scope(contract, order)
    if grid is None:
        claim(contract, seen)
    else:
        claim_for(scope, grid, seen)
    changes = _changes(order, facts)
    order.number, order.title = facts.number, facts.title
    order.status, order.approved_date = facts.status, facts.approved_date
    db.session.flush()
    if grid is not None:
        changes += schedule_saving.write(scope, grid)
    return _done(contract, changes, user_id)


def delete(order: ChangeOrder, *, user_id: int) -> list[int]:
    """Raises `ContractLocked` for one that an invoice bills."""
    contract = order.contract
    if order.id in billed_orders(contract.id):
        raise ContractLocked("An invoice bills this change order, so it is never deleted.")
    change = Change("deleted", order.title, "", f"Change order {order.number}")
    claim(contract, contract.version)
    db.session.execute(
        sa.delete(SovLine).where(SovLine.change_order_id == order.id),
        execution_options={"synchronize_session": False},
    )
    db.session.delete(order)
    db.session.flush()
    return _done(contract, [change], user_id)


def _read(contract: Contract, form: Mapping[str, str], order: ChangeOrder | None) -> Facts:
    reader = Reader(form)
    number = reader.required("number", text(60))
    title = reader.required("title", text(300))
    status = reader.required("status", one_of(ChangeOrderStatus))
    approved = reader.optional("approved_date", day, None)
    if status == ChangeOrderStatus.APPROVED and approved is None:
        reader.errors.setdefault(
            "approved_date", "An approved change order needs the day of its approval."
        )
    taken = sa.select(ChangeOrder.id).where(
        ChangeOrder.contract_id == contract.id, ChangeOrder.number == number
    )
    if order is not None:
        taken = taken.where(ChangeOrder.id != order.id)
    if number and db.session.scalar(taken) is not None:
        reader.errors["number"] = f"Another change order of this contract is {number}."
    reader.finish()
    return Facts(number or "", title or "", status or ChangeOrderStatus.DRAFT, approved)


def _refuse_mistakes(grid: Grid) -> None:
    if grid.mistakes:
        raise FormRefused({}, "Nothing was saved: the lines need another look.")


def _changes(order: ChangeOrder, facts: Facts) -> list[Change]:
    subject = f"Change order {order.number}"
    pairs = (
        ("number", order.number, facts.number),
        ("title", order.title, facts.title),
        ("status", words(order.status), words(facts.status)),
        ("approved on", day_words(order.approved_date), day_words(facts.approved_date)),
    )
    return [Change(name, old, new, subject) for name, old, new in pairs if old != new]


def _done(contract: Contract, changes: list[Change], user_id: int) -> list[int]:
    note(contract, changes, user_id=user_id)
    sheets.recalculate([contract.id])
    db.session.commit()
    return list(invoice_ids(contract.id)) if changes else []
