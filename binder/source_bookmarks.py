"""The bookmarks that a file brings, read with limits: broken and hostile files have loops."""

from collections.abc import Iterator

from pikepdf import Array, Name, Object, Pdf

from binder.destinations import Destinations
from binder.side_table import SourceBookmark
from binder.source import entry, is_dictionary

_MOST = 2000
_DEEPEST = 6
_LONGEST_TITLE = 250


def read_bookmarks(pdf: Pdf, destinations: Destinations) -> tuple[SourceBookmark, ...]:
    """Bookmarks in reading order; those that lead nowhere are left out, their children move up."""
    first = entry(entry(pdf.Root, "/Outlines"), "/First")
    return tuple(_walk(first, 0, set(), destinations))


def _walk(
    item: Object | None, level: int, seen: set[tuple[int, int]], destinations: Destinations
) -> Iterator[SourceBookmark]:
    while is_dictionary(item) and item.objgen not in seen and len(seen) < _MOST:
        seen.add(item.objgen)
        bookmark = _bookmark(item, level, destinations)
        if bookmark is not None:
            yield bookmark
        if level < _DEEPEST:
            below = level if bookmark is None else level + 1
            yield from _walk(entry(item, "/First"), below, seen, destinations)
        item = entry(item, "/Next")


def _bookmark(item: Object, level: int, destinations: Destinations) -> SourceBookmark | None:
    destination = item.get("/Dest")
    action = item.get("/A")
    if destination is None and is_dictionary(action) and action.get("/S") == Name.GoTo:
        destination = action.get("/D")
    explicit = destinations.resolve(destination)
    if explicit is None:
        return None
    page = destinations.page_index.get(explicit[0].objgen)
    title = " ".join(str(item.get("/Title", "")).split())[:_LONGEST_TITLE]
    if page is None or not title:
        return None
    return SourceBookmark(level, title, page, _top(explicit))


def _top(destination: Array) -> float | None:
    """The height that the view starts at, where the destination says it."""
    place = {"/XYZ": 3, "/FitH": 2, "/FitBH": 2}.get(
        str(destination[1]) if len(destination) > 1 else ""
    )
    if place is None or len(destination) <= place:
        return None
    try:
        return round(float(destination[place]), 2)
    except (TypeError, ValueError):
        return None
