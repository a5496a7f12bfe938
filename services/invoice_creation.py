"""A new invoice of a contract: for the open period, in the next position."""

from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from billing.calendar import DueRule
from models import (
    BillingPeriod,
    Contract,
    Invoice,
    InvoiceContact,
    InvoiceEvent,
    InvoiceStatus,
    PeriodSchedule,
    PeriodStatus,
    User,
    db,
)
from services import audit, sheets
from services.errors import AppError
from services.formats import day, words
from services.importing.cells import BadCell, text
from services.invoice_numbers import LONGEST, following
from services.unbilled import OVER


class NotCreated(AppError):
    """There is no invoice to be made now; the message says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the new invoice would be."""

    period: BillingPeriod
    position: int
    number: str
    #: The contract's latest, whose amounts cannot change any more after this.
    latest: Invoice | None
    #: The due date is over: invoice contacts create none any more, administrators do.
    is_overdue: bool

    @property
    def is_second_of_period(self) -> bool:
        return self.latest is not None and self.latest.period_id == self.period.id


def propose(contract: Contract, today: date) -> Proposal:
    """Period, position and number of the next invoice. Raises NotCreated."""
    if not contract.invoices_enabled:
        raise NotCreated("Invoices are switched off for this contract.")
    if contract.status in OVER:
        raise NotCreated(f"This contract is {words(contract.status)}; nothing is billed on it.")
    period = db.session.scalar(
        sa.select(BillingPeriod).where(
            BillingPeriod.project_id == contract.project_id,
            BillingPeriod.status == PeriodStatus.OPEN,
        )
    )
    if period is None:
        raise NotCreated(
            "No billing period is open. An invoice is made for the open period: create or open"
            " one first."
        )
    latest = db.session.scalar(
        sa.select(Invoice)
        .where(Invoice.contract_id == contract.id)
        .order_by(Invoice.position.desc())
        .limit(1)
    )
    schedule = db.session.get(PeriodSchedule, contract.project_id)
    rule = schedule.due_rule if schedule else DueRule.CREATE
    return Proposal(
        period=period,
        position=latest.position + 1 if latest else 1,
        number=following(latest.number) if latest else "",
        latest=latest,
        is_overdue=not rule.allows_creating(period.due, today),
    )


def create(
    contract: Contract,
    number: str,
    today: date,
    *,
    user_id: int,
    is_administrator: bool,
    position: int | None = None,
) -> Invoice:
    """Add the next invoice as a draft; its lines carry what the one before left. Commits.

    `position` is the one that somebody was shown: a form that is sent twice makes one invoice.
    Raises NotCreated, for others than administrators also after the due date (docs/domain.md 9).
    """
    proposal = propose(contract, today)
    if position not in {None, proposal.position}:
        raise NotCreated(
            f"Invoice {proposal.position - 1} of this contract was created meanwhile. Create"
            " another one only if it is meant."
        )
    if proposal.is_overdue and not is_administrator:
        raise NotCreated(
            f"Invoices of this period were due on {day(proposal.period.due)}. An administrator can"
            " still create it."
        )
    try:
        number = text(LONGEST)(number.strip())
    except BadCell as e:
        raise NotCreated(f"Invoice number: {e}") from e
    contract_id = contract.id
    invoice = Invoice(
        contract_id=contract_id,
        period_id=proposal.period.id,
        position=proposal.position,
        number=number,
        status=InvoiceStatus.DRAFT,
        # The date to bill by is the period's due date (docs/domain.md 9).
        billing_date=proposal.period.due or proposal.period.end,
    )
    try:
        db.session.add(invoice)
        db.session.flush()
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        raise NotCreated(
            "Somebody else created an invoice of this contract at the same moment."
        ) from e
    db.session.add(
        InvoiceEvent(
            invoice_id=invoice.id,
            user_id=user_id,
            field="created",
            new=number or str(invoice.position),
        )
    )
    audit.record(
        "invoice.created",
        project=contract.project_id,
        subject=("invoice", invoice.id),
        detail={"invoice": f"{contract.number} #{invoice.position}", "number": number},
    )
    sheets.recalculate([contract_id])
    db.session.commit()
    return invoice


def is_contact(contract: Contract, user: User) -> bool:
    """Whether somebody answers for the invoices of the contract (docs/domain.md 16)."""
    return bool(
        db.session.scalar(
            sa.select(
                sa.exists().where(
                    InvoiceContact.contract_id == contract.id, InvoiceContact.email == user.email
                )
            )
        )
    )
