"""Links of the Subcontractor tab: every view of the list is an address of its own."""

from dataclasses import dataclass, replace
from typing import Any, Self
from urllib.parse import urlencode

from flask import url_for
from werkzeug.datastructures import MultiDict

from services.invoice_filters import NAMES, Filters
from services.invoice_order import GroupBy, Order

_FIELDS = dict(zip(NAMES, ("companies", "periods", "statuses", "types", "payments"), strict=True))


@dataclass(frozen=True, slots=True)
class Links:
    """Where the parts of one view lead; each keeps the rest of the view as it is."""

    project_id: int
    filters: Filters
    order: Order

    @classmethod
    def of(cls, project_id: int, values: MultiDict[str, str]) -> Self:
        return cls(project_id, Filters.from_values(values), Order.from_values(values))

    @property
    def here(self) -> str:
        return self._to(self.filters, self.order)

    @property
    def without_filters(self) -> str:
        return self._to(Filters(), self._first_page())

    @property
    def without_search(self) -> str:
        return self._to(replace(self.filters, text=""), self._first_page())

    def without(self, name: str, value: str) -> str:
        """The view with one value of a filter taken back."""
        return self._filtered(name, self.filters.of(name) - {value})

    def only_status(self, status: str) -> str:
        """The view of one status; of all of them where it is the only one already."""
        is_on = self.filters.statuses == {status}
        return self._filtered("status", frozenset() if is_on else frozenset({status}))

    def sorted_by(self, column: str) -> str:
        """Ascending first, then descending, then the natural order again."""
        following = {column: f"-{column}", f"-{column}": ""}
        sort = following.get(self.order.sort, column)
        return self._to(self.filters, replace(self._first_page(), sort=sort))

    def on_page(self, page: int) -> str:
        return self._to(self.filters, replace(self.order, page=page))

    def showing_unbilled(self, *, is_on: bool) -> str:
        return self._to(self.filters, replace(self.order, with_unbilled=is_on))

    def _filtered(self, name: str, values: frozenset[str]) -> str:
        changed: dict[str, Any] = {_FIELDS[name]: values}
        return self._to(replace(self.filters, **changed), self._first_page())

    def _first_page(self) -> Order:
        return replace(self.order, page=1)

    def _to(self, filters: Filters, order: Order) -> str:
        query = list(filters.pairs())
        if order.group != GroupBy.CONTRACT:
            query.append(("group", order.group))
        if order.sort:
            query.append(("sort", order.sort))
        if not order.with_unbilled:
            query.append(("unbilled", "0"))
        if order.page > 1:
            query.append(("page", str(order.page)))
        address = url_for("invoicing.show", project_id=self.project_id)
        return f"{address}?{urlencode(query)}" if query else address
