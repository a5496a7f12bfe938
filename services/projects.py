"""Creating, changing, archiving projects, and the list of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa

from models import (
    Access,
    BillingPeriod,
    Contract,
    Dictionary,
    Invoice,
    Membership,
    PeriodStatus,
    Project,
    User,
    contract_reader,
    db,
)
from services import audit
from services.forms import Reader, text
from services.importing.cells import BadCell, one_of, quoted

#: What a form offers: the zones that people live in, without their historical aliases.
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe",
            "Indian", "Pacific", "US")  # fmt: skip
_TEXTS = {
    "number": 60,
    "name": 200,
    "owner": 200,
    "general_contractor": 200,
    "architect": 200,
    "address": 400,
}


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project in the list, with what its viewer may see of it."""

    project: Project
    contracts: int
    invoices: int
    period: BillingPeriod | None


def timezones() -> list[str]:
    found = (zone for zone in available_timezones() if zone.partition("/")[0] in _REGIONS)
    return ["UTC", *sorted(found)]


def listing(viewer: User, *, archived: bool) -> list[ProjectRow]:
    """Those in work, or those that are archived. Three statements, however many there are."""
    is_meant = Project.archived.is_not(None) if archived else Project.archived.is_(None)
    projects = db.session.scalars(Project.visible_to(viewer).where(is_meant)).all()
    counts = _counts(viewer)
    periods = _open_periods()
    return [
        ProjectRow(project, *counts.get(project.id, (0, 0)), periods.get(project.id))
        for project in projects
    ]


def count_archived(viewer: User) -> int:
    query = Project.visible_to(viewer).where(Project.archived.is_not(None)).order_by(None)
    return db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0


def shown(project: Project) -> dict[str, str]:
    """The fields as the form has them."""
    values = {name: str(getattr(project, name)) for name in _TEXTS}
    return values | {
        "timezone": project.timezone,
        "forbids_overbilling": "yes" if project.forbids_overbilling else "",
    }


def create(form: Mapping[str, str]) -> Project:
    """Raises `FormRefused` with the sentence for each field."""
    project = Project(**_read(form, None))
    db.session.add(project)
    db.session.flush()
    audit.record("project.created", project=project, detail={"name": project.name})
    db.session.commit()
    return project


def update(project: Project, form: Mapping[str, str]) -> list[int]:
    """Save the form; returns the invoices whose drawings show what changed.

    Raises `FormRefused` with the sentence for each field.
    """
    values = _read(form, project)
    changed = {
        name.replace("_", " "): f"{getattr(project, name)} → {value}"
        for name, value in values.items()
        if getattr(project, name) != value
    }
    if not changed:
        return []
    for name, value in values.items():
        setattr(project, name, value)
    audit.record("project.changed", project=project, detail=changed)
    db.session.commit()
    drawn = sa.select(Invoice.id).join(Contract).where(Contract.project_id == project.id)
    return list(db.session.scalars(drawn))


def archive(project: Project, now: datetime) -> None:
    if project.archived:
        return
    project.archived = now
    audit.record("project.archived", project=project)
    db.session.commit()


def bring_back(project: Project) -> None:
    project.archived = None
    audit.record("project.brought_back", project=project)
    db.session.commit()


def _read(form: Mapping[str, str], project: Project | None) -> dict[str, Any]:
    reader = Reader(form)
    values: dict[str, Any] = {}
    for name, longest in _TEXTS.items():
        parse = text(longest, lines=name == "address")
        is_needed = name in {"number", "name"}
        values[name] = (
            reader.required(name, parse) if is_needed else reader.optional(name, parse, "")
        )
    values["timezone"] = reader.optional("timezone", _timezone, "UTC")
    if project is None:
        values["dictionary"] = reader.optional("dictionary", one_of(Dictionary), None)
    values["forbids_overbilling"] = bool(reader.text("forbids_overbilling"))
    taken = sa.select(Project.id).where(Project.number == values["number"])
    if project is not None:
        taken = taken.where(Project.id != project.id)
    if values["number"] and db.session.scalar(taken) is not None:
        reader.errors["number"] = f"There is a project {values['number']} already."
    reader.finish()
    return values


def _timezone(name: str) -> str:
    """Its whole name, or the name of its city alone, as people write it."""
    if name in available_timezones():
        return name
    wanted = "_".join(name.casefold().split())
    found = [
        zone
        for zone in timezones()
        if wanted in {zone.casefold(), zone.rpartition("/")[2].casefold()}
    ]
    if len(found) != 1:
        raise BadCell(f"{quoted(name)} is not a time zone like America/Chicago.")
    return found[0]


def _counts(viewer: User) -> dict[int, tuple[int, int]]:
    """Contracts and invoices by project, as far as the viewer may see them."""
    query = (
        sa.select(
            Contract.project_id,
            sa.func.count(sa.distinct(Contract.id)),
            sa.func.count(Invoice.id),
        )
        .outerjoin(Invoice, Invoice.contract_id == Contract.id)
        .group_by(Contract.project_id)
    )
    if not viewer.is_administrator:
        listed = sa.select(contract_reader.c.contract_id).where(
            contract_reader.c.user_id == viewer.id
        )
        query = query.join(
            Membership,
            sa.and_(Membership.project_id == Contract.project_id, Membership.user_id == viewer.id),
        ).where(
            sa.or_(
                Contract.is_private.is_(False),
                Membership.access == Access.ADMIN,
                Contract.id.in_(listed),
            )
        )
    return {project: (contracts, invoices) for project, contracts, invoices in
            db.session.execute(query)}  # fmt: skip


def _open_periods() -> dict[int, BillingPeriod]:
    query = sa.select(BillingPeriod).where(BillingPeriod.status == PeriodStatus.OPEN)
    return {period.project_id: period for period in db.session.scalars(query)}
