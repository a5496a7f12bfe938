"""Lists a page at a time: flask-smorest tells the total and the pages in a header."""

from typing import Any

import sqlalchemy as sa
from flask_smorest import Page

from models import db

#: No list is longer, and a larger number would not fit into the statement that asks for it.
_LAST = 10**9


class Rows(Page):
    """A page of what a query selects."""

    @property
    def item_count(self) -> int:
        count = sa.select(sa.func.count()).select_from(
            self.collection.order_by(None).with_only_columns(sa.literal(1)).subquery()
        )
        return db.session.scalar(count) or 0

    @property
    def items(self) -> list[Any]:
        first, last = self.page_params.first_item, self.page_params.last_item
        if last > _LAST:
            return []
        query = self.collection.offset(first).limit(last - first + 1)
        return list(db.session.scalars(query))
