"""Names of places in a document become the places themselves, so that a link cannot jump into
another file."""

from functools import cached_property

import pikepdf
from pikepdf import Array, Name, Object, Pdf

from binder.source import entry, is_array, is_dictionary

#: How often a destination may point at another name before it counts as a loop.
_DEEPEST = 4
_MOST_NAMES = 200_000


class Destinations:
    """Resolves the destinations of one PDF. `page_index` maps (object, generation) to the 0-based
    page."""

    def __init__(self, pdf: Pdf) -> None:
        self._pages = pdf.pages
        self._named: dict[str, Object] = {}
        self._read_names(pdf)

    @cached_property
    def page_index(self) -> dict[tuple[int, int], int]:
        """Listed when first asked for: most files have no bookmark and no link."""
        return {page.obj.objgen: index for index, page in enumerate(self._pages)}

    def _read_names(self, pdf: Pdf) -> None:
        old_style = entry(pdf.Root, "/Dests")
        if old_style is not None:
            self._named.update((str(key), value) for key, value in old_style.items())
        tree = entry(entry(pdf.Root, "/Names"), "/Dests")
        if tree is None:
            return
        try:
            for key, value in pikepdf.NameTree(tree).items():
                self._named[str(key)] = value
                if len(self._named) > _MOST_NAMES:
                    return
        except (RuntimeError, ValueError, TypeError, pikepdf.PdfError):
            # A broken name tree costs its links, never the document.
            return

    def resolve(self, destination: object, depth: int = 0) -> Array | None:
        """The explicit destination `[page /Fit…]` within this file, or None when it is dead."""
        if depth > _DEEPEST:
            return None
        if isinstance(destination, str | pikepdf.String | Name):
            return self.resolve(self._named.get(str(destination)), depth + 1)
        if is_array(destination):
            return self._explicit(destination)
        if is_dictionary(destination):
            return self.resolve(destination.get("/D"), depth + 1)
        return None

    def _explicit(self, destination: Array) -> Array | None:
        if len(destination) == 0:
            return None
        page = destination[0]
        if is_dictionary(page) and page.objgen in self.page_index:
            return destination
        try:
            number = int(page)
        except (TypeError, ValueError):
            return None
        if not 0 <= number < len(self._pages):
            return None
        return Array([self._pages[number].obj, *list(destination)[1:]])
