"""Many rows at once."""

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa

from models import Base, db


def insert(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        # The table, not the class: nobody asks for the ids, and the write lock is held meanwhile.
        db.session.execute(sa.insert(cast("sa.Table", model.__table__)), rows)


def insert_for_ids(model: Any, rows: Sequence[dict[str, Any]]) -> list[int]:
    """Insert and return the new ids in the order of `rows`."""
    if not rows:
        return []
    inserting = sa.insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(db.session.scalars(inserting, rows))
