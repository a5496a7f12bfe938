"""Saving the schedule of values of a contract."""

from werkzeug.datastructures import MultiDict

from models import Contract, db
from services import schedule_grid, schedule_saving, sheets
from services.contract_history import last_hand, note
from services.contract_locks import billed_lines, claim, invoice_ids, refuse_locked
from services.forms import FormRefused, StaleSave
from services.schedule_grid import Grid
from services.schedule_saving import Scope


class ScheduleStale(StaleSave):
    """Like `StaleSave`; the grid shows both values where they differ."""


def grid_of(contract: Contract) -> Grid:
    return Scope(contract).grid()


def read(contract: Contract, form: MultiDict[str, str]) -> Grid:
    """What stands in the form. Raises `schedule_grid.IncompleteGrid`."""
    return schedule_grid.read(
        form, is_unit=Scope(contract).is_unit, billed=billed_lines(contract.id)
    )


def version_of(form: MultiDict[str, str]) -> int:
    """The version that a form was opened with; 0, which no contract has, if it does not say."""
    seen = form.get("version", "")
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0


def claim_for(scope: Scope, grid: Grid, seen: int) -> None:
    """Claim the contract for a grid without mistakes; nothing is held when it raises.

    Raises `ScheduleStale` with the grid merged, and `FormRefused` with the mistakes noted in it.
    """
    try:
        claim(scope.contract, seen, last_hand(scope.contract.id))
        schedule_saving.check(scope, grid)
    except StaleSave as e:
        db.session.rollback()
        schedule_saving.merge(scope, grid)
        raise ScheduleStale(str(e)) from e
    except FormRefused:
        db.session.rollback()
        raise


def save(contract: Contract, grid: Grid, seen: int, *, user_id: int) -> list[int]:
    """Make the schedule what the grid says; returns the invoices that show something else now.

    Raises `ContractLocked`, `ScheduleStale` with the grid merged, and `FormRefused` with the
    mistakes noted in the grid.
    """
    refuse_locked(contract)
    scope = Scope(contract)
    claim_for(scope, grid, seen)
    changes = schedule_saving.write(scope, grid)
    note(contract, changes, user_id=user_id)
    sheets.recalculate([contract.id])
    db.session.commit()
    return list(invoice_ids(contract.id)) if changes else []
