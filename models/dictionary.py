"""The point-of-view dictionaries, and which of them holds where nobody chose another."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, db


class Dictionary(StrEnum):
    """The point of view whose terms are shown (docs/domain.md 23)."""

    GENERAL_CONTRACTORS = "general_contractors"
    OWNERS = "owners"
    SPECIALTY_CONTRACTORS = "specialty_contractors"


class Installation(Base):
    """What holds for the whole company: one row, made when something is first set."""

    __tablename__ = "installation"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="is_one_row"),
        sa.CheckConstraint(
            "(keep_days IS NULL OR keep_last IS NULL)"
            " AND (keep_days IS NULL OR keep_days BETWEEN 1 AND 36500)"
            " AND (keep_last IS NULL OR keep_last BETWEEN 1 AND 10000)",
            name="one_rule_of_retention",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dictionary: Mapped[Dictionary] = mapped_column(default=Dictionary.GENERAL_CONTRACTORS)
    #: Whoever has no second factor is led to setting one up, and nowhere else.
    two_factor_required: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    #: Files of backups are removed after so many days, or but for the last so many of a project;
    #: with neither they stay for ever.
    keep_days: Mapped[int | None]
    keep_last: Mapped[int | None]

    @staticmethod
    def default_dictionary() -> Dictionary:
        """The company's dictionary."""
        chosen = db.session.scalar(sa.select(Installation.dictionary))
        return chosen or Dictionary.GENERAL_CONTRACTORS
