"""What the company asks of everybody who signs in."""

import sqlalchemy as sa

from models import Installation, SecondFactor, User, db
from services import audit


def is_two_factor_required() -> bool:
    """Whether everybody needs a second factor."""
    return bool(db.session.scalar(sa.select(Installation.two_factor_required)))


def require_two_factor(*, is_required: bool) -> None:
    """From the next request on."""
    before = is_two_factor_required()
    db.session.merge(Installation(id=1, two_factor_required=is_required))
    if before != is_required:
        detail = {"setting": "second factor for everybody", "required": is_required}
        audit.record("settings.changed", detail=detail)
    db.session.commit()


def without_two_factor() -> int:
    """How many people who can sign in have no second factor."""
    has_one = sa.exists().where(
        SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None)
    )
    query = sa.select(sa.func.count()).where(User.is_active, User.password_hash != "", ~has_one)
    return db.session.scalar(query) or 0
