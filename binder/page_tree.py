"""A page tree whose numbers are known before its first page is written, so that pages can name
their parents."""

from collections.abc import Sequence

import numpy as np

from binder.fields import Numbers
from binder.objects import Objects

#: Children of a node: readers find page n of a large file in a few steps.
FAN_OUT = 64


class PageTree:
    """The tree over `pages` pages. Its root is object `root`."""

    def __init__(self, objects: Objects, root: int, pages: int) -> None:
        self._objects = objects
        self._levels: list[list[int]] = []
        count = pages
        while True:
            count = max(1, -(-count // FAN_OUT))
            if count == 1:
                self._levels.append([root])
                break
            first = objects.allocate(count)
            self._levels.append(list(range(first, first + count)))

    def parents(self, first: int, count: int) -> Numbers:
        """The nodes above `count` pages from page `first` on, counted from 0."""
        nodes = np.arange(first, first + count, dtype=np.uint32) // np.uint32(FAN_OUT)
        return nodes + np.uint32(self._levels[0][0])

    def write(self, pages: Sequence[int]) -> None:
        """Write every node; `pages` are the numbers of the page objects in order."""
        children, counts = list(pages), [1] * len(pages)
        for level, nodes in enumerate(self._levels):
            sums = []
            for index, node in enumerate(nodes):
                inside = slice(index * FAN_OUT, (index + 1) * FAN_OUT)
                sums.append(sum(counts[inside]))
                kids = b" ".join(b"%d 0 R" % child for child in children[inside])
                above = self._above(level, index)
                self._objects.put(
                    node, b"<</Type/Pages%s/Count %d/Kids[%s]>>" % (above, sums[-1], kids)
                )
            children, counts = nodes, sums

    def _above(self, level: int, index: int) -> bytes:
        if level + 1 == len(self._levels):
            return b""
        return b"/Parent %d 0 R" % self._levels[level + 1][index // FAN_OUT]
