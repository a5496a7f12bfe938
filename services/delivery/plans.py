"""To whom the backups of a project go, and how."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from models import Backup, DeliveryPlan, Membership, Project, Recipient, User, db
from models.delivery import LINK_DAYS
from services import audit, mail_addresses
from services.delivery.texts import DEFAULT, Texts, refuse_control
from services.errors import AppError

MOST_RECIPIENTS = 50
#: Mail servers refuse larger ones, and base64 makes a third more of it.
MOST_MEGABYTES = 25


class PlanRefused(AppError):
    """The plan cannot be as asked."""


def of_project(project_id: int) -> DeliveryPlan:
    """The plan, or what holds for a project without one."""
    return db.session.get(DeliveryPlan, project_id) or DeliveryPlan(
        project_id=project_id,
        subject=DEFAULT.subject,
        message=DEFAULT.message,
        link_days=LINK_DAYS,
        is_public=False,
    )


def recipients(project_id: int) -> Sequence[Recipient]:
    return db.session.scalars(Recipient.of_project(project_id)).all()


def save(project_id: int, form: Mapping[str, str]) -> None:
    """Keep what the form says. Raises `PlanRefused` or `TextRefused`."""
    texts = Texts.parse(form.get("subject", ""), form.get("message", ""))
    plan = of_project(project_id)
    plan.subject, plan.message = texts.subject, texts.message
    plan.link_days = _number(form.get("link_days", ""), 1, 3650, "The days that a link is good for")
    attach = form.get("attach_megabytes", "").strip()
    plan.attach_megabytes = (
        _number(attach, 1, MOST_MEGABYTES, "The size up to which files are attached")
        if attach
        else None
    )
    plan.is_public = form.get("is_public") == "1"
    outside = [] if plan.is_public else _without_access(project_id)
    if outside:
        raise PlanRefused(_locked_out(outside[0]))
    db.session.add(plan)
    detail = {
        "what": "delivery of backups",
        "link_days": plan.link_days,
        "anyone_with_the_link": plan.is_public,
        "attach_megabytes": plan.attach_megabytes,
    }
    audit.record("settings.changed", project=project_id, detail=detail)
    db.session.commit()


def add(project_id: int, email: str, name: str) -> Recipient:
    """Raises `PlanRefused`, `AddressRefused` or `TextRefused`."""
    row = Recipient(project_id=project_id, email=mail_addresses.parse(email), name=_name(name))
    there = recipients(project_id)
    if row.email in {each.email for each in there}:
        raise PlanRefused(f"{row.email} is a recipient already.")
    if len(there) >= MOST_RECIPIENTS:
        raise PlanRefused(f"A project has at most {MOST_RECIPIENTS} recipients.")
    if not of_project(project_id).is_public and not _may_see(project_id, row.email):
        raise PlanRefused(_locked_out(row.email))
    user: User | None = db.session.scalar(User.named(row.email))
    row.name = row.name or (user.name if user else "")
    db.session.add(row)
    _record(project_id, "added", row.email)
    db.session.commit()
    return row


def remove(recipient: Recipient) -> None:
    _record(recipient.project_id, "removed", recipient.email)
    db.session.delete(recipient)
    db.session.commit()


def _name(text: str) -> str:
    """One line as a mail may show it."""
    name = text.strip()
    refuse_control(name, "The name")
    if len(name) > 100:
        raise PlanRefused("Keep the name below 100 characters.")
    return name


def _record(project_id: int, verb: str, email: str) -> None:
    audit.record(
        "settings.changed",
        project=project_id,
        detail={"what": f"recipient of backups {verb}", "person": email},
    )


def _locked_out(email: str) -> str:
    return (
        f"{email} has no account that may see this project, so a link that asks to sign in is of no"
        " use there. Allow anyone with the link first, or make the person a member."
    )


def _without_access(project_id: int) -> list[str]:
    rows = recipients(project_id)
    return [row.email for row in rows if not _may_see(project_id, row.email)]


def may_open(backup: Backup, email: str) -> bool:
    """Whether this address is of somebody who, signed in, may see the backup and all in it."""
    if not _may_see(backup.project_id, email):
        return False
    user: User | None = db.session.scalar(User.named(email))
    seen = Backup.visible_to(user, backup.project_id).where(Backup.id == backup.id)
    return db.session.scalar(seen) is not None


def _may_see(project_id: int, email: str) -> bool:
    user: User | None = db.session.scalar(User.named(email))
    if user is None or not user.is_active:
        return False
    project = sa.exists().where(
        Project.id == project_id,
        sa.or_(
            sa.literal(user.is_administrator),
            sa.exists().where(Membership.project_id == Project.id, Membership.user_id == user.id),
        ),
    )
    return bool(db.session.scalar(sa.select(project)))


def _number(text: str, least: int, most: int, what: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and least <= int(text) <= most):
        raise PlanRefused(f"{what} must be a whole number from {least} to {most:,}.")
    return int(text)
