"""Billing periods that begin by themselves."""

import logging
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from models import reading, utcnow, writing
from services import period_schedules

log = logging.getLogger(__name__)


def advance_periods(now: datetime | None = None) -> int:
    """Make the billing periods that have begun in any project; returns how many.

    For every minute or so, by any number of workers, late or twice: a period is made once, and
    those that were missed while nothing ran are made too, of which only the last is open.
    """
    now = now or utcnow()
    with reading():
        behind = period_schedules.behind(now)
    return sum(_advance(project_id, now) for project_id in behind)


def _advance(project_id: int, now: datetime) -> int:
    try:
        with writing():
            made = period_schedules.advance(project_id, now)
    except IntegrityError:
        # Somebody opened one by hand in this moment; the next look finds out what is left to do.
        log.warning("the periods of project %s changed meanwhile", project_id)
        return 0
    if made:
        log.info("project %s: %s billing periods made", project_id, len(made))
    return len(made)
