"""Why the database refuses a change, in a sentence."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa

from models import BillingPeriod, Contract, Invoice, db
from services.formats import span
from services.period_dates import PeriodDates, PeriodRefused

#: Invoices that a refused deletion names before it counts the rest.
_NAMED = 3


@contextmanager
def explained(project_id: int, dates: PeriodDates | None = None) -> Iterator[None]:
    """Turn a broken constraint into the sentence of the rule that it holds."""
    try:
        yield
    except sa.exc.IntegrityError as e:
        db.session.rollback()
        if dates and _exists(project_id, dates):
            raise PeriodRefused(f"There is a period {span(dates.start, dates.end)} already.") from e
        raise PeriodRefused(
            "Somebody else changed the billing periods at the same moment. Look, and try again."
        ) from e


def _exists(project_id: int, dates: PeriodDates) -> bool:
    same = sa.select(BillingPeriod.id).where(
        BillingPeriod.project_id == project_id,
        BillingPeriod.start == dates.start,
        BillingPeriod.end == dates.end,
    )
    return db.session.scalar(same) is not None


def holders(period_id: int) -> str:
    """“invoices 2 of SC-001 and 1 of SC-002 belong to it”, the rest counted."""
    found = db.session.execute(
        sa.select(Contract.number, Invoice)
        .join(Contract, Contract.id == Invoice.contract_id)
        .where(Invoice.period_id == period_id)
        .order_by(Contract.number, Invoice.position)
    ).all()
    names = [f"{invoice.label} of {contract}" for contract, invoice in found[:_NAMED]]
    if len(found) > _NAMED:
        names.append(f"{len(found) - _NAMED:,} more")
    verb = "belongs" if len(found) == 1 else "belong"
    noun = "invoice" if len(found) == 1 else "invoices"
    return f"{noun} {_listed(names)} {verb} to it"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
