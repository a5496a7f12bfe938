"""The linked index at the front: contracts, their invoices, their documents, each with its page."""

from collections.abc import Sequence

from binder.plan import Plan
from binder.render.furniture.drawn import Drawn
from binder.render.furniture.flow import draw, page_count
from binder.render.furniture.index_rows import IndexRows
from binder.render.furniture.texts import changes, subtitle


def index(
    plan: Plan,
    first_pages: Sequence[int],
    *,
    volumes: Sequence[int] = (),
) -> Drawn:
    """The index of `plan`, whose documents begin at `first_pages` (from 1).

    With `volumes`, one number for each document, pages count from 1 in each volume. An addendum
    marks its documents and lists what is gone. Each row of a
    contract, invoice or document is a link. ValueError when lengths differ from the documents'.
    """
    count = len(plan.documents)
    if len(first_pages) != count or len(volumes) not in {0, count}:
        raise ValueError(f"The index needs one page and one volume for each of {count} documents")
    rows = IndexRows(plan, first_pages, volumes).rows()
    name = " · ".join(part for part in (subtitle(plan), changes(plan)) if part)
    return draw("Index", name, rows, language=plan.language)


def index_page_count(plan: Plan) -> int:
    """Pages that `index` takes, whatever the page numbers and volumes are."""
    return page_count(IndexRows(plan, (), ()).rows())
