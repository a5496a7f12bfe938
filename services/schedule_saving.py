"""Writing a grid back: the lines of a contract or change order, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from billing import extended, format_cents, format_units
from models import AccountingMethod, ChangeOrder, Contract, SovLine, db
from services import schedule_grid
from services.contract_history import Change
from services.contract_locks import billed_lines
from services.forms import FormRefused
from services.schedule_grid import LABELS, Grid, GridRow


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose lines: the schedule of values, or a change order of it."""

    contract: Contract
    order: ChangeOrder | None = None

    @property
    def is_unit(self) -> bool:
        return self.contract.accounting_method == AccountingMethod.UNIT

    def lines(self) -> Sequence[SovLine]:
        order_id = self.order.id if self.order else None
        return db.session.scalars(
            sa.select(SovLine)
            .where(
                SovLine.contract_id == self.contract.id,
                SovLine.change_order_id.is_not_distinct_from(order_id),
            )
            .order_by(SovLine.position, SovLine.id)
        ).all()

    def grid(self) -> Grid:
        billed = billed_lines(self.contract.id)
        return schedule_grid.of_lines(self.lines(), is_unit=self.is_unit, billed=billed)

    def named(self, item: str) -> str:
        where = f"Change order {self.order.number}, item" if self.order else "Item"
        return f"{where} {item}"


def check(scope: Scope, grid: Grid) -> None:
    """Note what keeps the rows from being saved; raises `FormRefused` if anything does."""
    stored = {line.id for line in scope.lines()}
    billed = billed_lines(scope.contract.id)
    if stored - {row.line_id for row in grid.rows}:
        raise FormRefused({}, "The form does not hold every line. Load the page again.")
    for row in grid.rows:
        if row.is_removed and row.line_id in billed & stored:
            row.is_removed = False
            item = row.cells["item"]
            row.errors["item"] = f"Item {item} is billed by an invoice, so it stays."
    if grid.mistakes:
        count = "One cell needs" if grid.mistakes == 1 else f"{grid.mistakes:,} cells need"
        raise FormRefused({}, f"Nothing was saved: {count} another look.")


def write(scope: Scope, grid: Grid) -> list[Change]:
    """Make the lines what the grid says; returns what changed. The caller commits.

    The grid was checked and the contract claimed. Bulk statements: a few, however many lines.
    """
    stored = {line.id: line for line in scope.lines()}
    changes: list[Change] = []
    kept = {row.line_id for row in grid.kept if row.line_id in stored}
    changes += _delete(scope, [line for line in stored.values() if line.id not in kept])
    _make_room(stored, grid)
    new: list[dict[str, Any]] = []
    for place, row in enumerate(grid.kept, 1):
        values = _values(row, scope) | {"position": place}
        line = stored.get(row.line_id) if row.line_id is not None else None
        if line is None:
            new.append(values)
            amount = format_cents(values["scheduled_value"])
            what = f"{values['description']}, {amount}"
            changes.append(Change("added", "", what, scope.named(values["item"])))
        else:
            changes += _changes(scope, line, values)
            for name, value in values.items():
                setattr(line, name, value)
    db.session.flush()
    if new:
        order_id = scope.order.id if scope.order else None
        rows = [
            {"contract_id": scope.contract.id, "change_order_id": order_id, **values}
            for values in new
        ]
        db.session.execute(sa.insert(SovLine), rows)
    return changes


def merge(scope: Scope, grid: Grid) -> None:
    """Bring what others saved into a form that was opened before: their value where nothing was
    typed, both where it was. Rows that they added or deleted are marked."""
    stored = {line.id: line for line in scope.lines()}
    known = {row.line_id for row in grid.rows}
    for row in grid.rows:
        if row.line_id is None or row.was is None:
            continue
        line = stored.get(row.line_id)
        if line is None:
            row.key, row.was = f"m{row.line_id}", None
            row.note = "Deleted meanwhile; saving adds it again."
            continue
        now = schedule_grid.texts(line, is_unit=scope.is_unit)
        for name, value in now.items():
            if value == row.was[name]:
                continue
            if row.cells[name] in {row.was[name], value}:
                row.cells[name] = value
            else:
                row.theirs[name] = value
        row.was = now
    others = schedule_grid.of_lines(
        [line for line in stored.values() if line.id not in known],
        is_unit=scope.is_unit,
        billed=billed_lines(scope.contract.id),
    )
    for row in others.rows:
        row.note, row.position = "Added meanwhile.", ""
    grid.rows += others.rows


def _delete(scope: Scope, lines: Sequence[SovLine]) -> list[Change]:
    if lines:
        gone = sa.delete(SovLine).where(SovLine.id.in_([line.id for line in lines]))
        db.session.execute(gone, execution_options={"synchronize_session": False})
        for line in lines:
            db.session.expunge(line)
    return [
        Change(
            "deleted",
            f"{line.description}, {format_cents(line.scheduled_value)}",
            "",
            scope.named(line.item),
        )
        for line in lines
    ]


def _make_room(stored: dict[int, SovLine], grid: Grid) -> None:
    """Items may change places, and no two lines may have the same one, not even for a moment."""
    moving = [
        row.line_id
        for row in grid.kept
        if row.line_id in stored and stored[row.line_id].item != row.values["item"]
    ]
    if moving:
        aside = sa.update(SovLine).where(SovLine.id.in_(moving))
        # No item that somebody typed has a control character.
        db.session.execute(
            aside.values(item=sa.literal("\x7f") + sa.cast(SovLine.id, sa.String)),
            execution_options={"synchronize_session": False},
        )


def _values(row: GridRow, scope: Scope) -> dict[str, Any]:
    values = dict(row.values)
    if scope.is_unit:
        values["scheduled_value"] = extended(values["quantity"], values["unit_price"])
    return values


def _changes(scope: Scope, line: SovLine, values: dict[str, Any]) -> list[Change]:
    return [
        Change(
            LABELS[name].lower(),
            _said(name, getattr(line, name)),
            _said(name, value),
            scope.named(line.item),
        )
        for name, value in values.items()
        if name != "position" and getattr(line, name) != value
    ]


def _said(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "scheduled_value":
        return format_cents(value)
    if name in {"quantity", "unit_price"}:
        return format_units(value, 2 if name == "unit_price" else 0)
    return str(value)
