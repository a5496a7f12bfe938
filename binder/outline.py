"""The bookmarks of the backup: a tree, closed at first, each entry with its page number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from binder.objects import Objects
from binder.pdf_text import number, text_string


@dataclass(frozen=True, slots=True)
class Bookmark:
    """One entry: `level` from 0, `page` from 0, `top` in the page's units or None for its upper
    edge."""

    level: int
    title: str
    page: int
    top: float | None = None


@dataclass(slots=True)
class _Item:
    """Neighbours by index; -1 for none."""

    parent: int = -1
    before: int = -1
    after: int = -1
    kids: list[int] = field(default_factory=list)
    #: Entries below it, on every level.
    below: int = 0


def write_outline(
    objects: Objects, root: int, bookmarks: Sequence[Bookmark], pages: Sequence[int]
) -> None:
    """Write the tree with its root as object `root`; `pages` are the numbers of the page
    objects."""
    items, top_level = _tree(bookmarks)
    first = objects.allocate(len(items))
    for index, value in enumerate(_values(items, bookmarks, root, first, pages)):
        objects.put(first + index, value)
    if top_level:
        ends = b"/First %d 0 R/Last %d 0 R" % (first + top_level[0], first + top_level[-1])
        objects.put(root, b"<</Type/Outlines%s/Count %d>>" % (ends, len(top_level)))
    else:
        objects.put(root, b"<</Type/Outlines/Count 0>>")


def _tree(bookmarks: Sequence[Bookmark]) -> tuple[list[_Item], list[int]]:
    """What stands under what, by levels alone: a level that skips one still goes under the entry
    before."""
    items = [_Item() for _ in bookmarks]
    top_level: list[int] = []
    path: list[int] = []
    for index, bookmark in enumerate(bookmarks):
        while path and bookmarks[path[-1]].level >= bookmark.level:
            path.pop()
        if path:
            items[index].parent = path[-1]
            items[path[-1]].kids.append(index)
        else:
            top_level.append(index)
        for above in path:
            items[above].below += 1
        path.append(index)
    for siblings in (top_level, *(item.kids for item in items)):
        for one, following in pairwise(siblings):
            items[one].after, items[following].before = following, one
    return items, top_level


def _values(
    items: Sequence[_Item],
    bookmarks: Sequence[Bookmark],
    root: int,
    first: int,
    pages: Sequence[int],
) -> Iterator[bytes]:
    """The dictionary of each entry; the first is to be object `first`."""
    for item, bookmark in zip(items, bookmarks, strict=True):
        parent = root if item.parent < 0 else first + item.parent
        top = b"null" if bookmark.top is None else number(bookmark.top)
        parts = [
            b"<</Title%s/Parent %d 0 R" % (text_string(bookmark.title), parent),
            # Without a zoom of its own a bookmark keeps the reader's.
            b"/Dest[%d 0 R/XYZ null %s null]" % (pages[bookmark.page], top),
        ]
        if item.before >= 0:
            parts.append(b"/Prev %d 0 R" % (first + item.before))
        if item.after >= 0:
            parts.append(b"/Next %d 0 R" % (first + item.after))
        if item.kids:
            ends = (first + item.kids[0], first + item.kids[-1], item.below)
            parts.append(b"/First %d 0 R/Last %d 0 R/Count -%d" % ends)
        yield b"".join(parts) + b">>"
