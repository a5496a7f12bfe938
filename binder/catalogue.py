"""What holds the pages of a file together: catalogue, title and dates, layers."""

from collections.abc import Sequence

from binder.metadata import Metadata
from binder.objects import Objects
from binder.pdf_text import text_string
from binder.side_table import SideTable


class Catalogue:
    """The catalogue and what hangs on it. `pages` and `outline` are the numbers of the roots of the
    page tree and of the bookmarks, which others write."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._number = objects.allocate()
        self.pages = objects.allocate()
        self._info = objects.allocate()
        self._xmp = objects.allocate()
        self.outline = objects.allocate()
        self._layers: list[int] = []
        self._hidden_layers: list[int] = []

    def note_layers(self, table: SideTable, base: int) -> None:
        """Take over the layers of a fragment whose object n has become `base` + n."""
        self._layers += [base + number for number in table.layers]
        self._hidden_layers += [base + number for number in table.hidden_layers]

    def write(self, metadata: Metadata, first_page: int, first_number: int) -> bytes:
        """Write everything; the entries of the trailer that lead to it.

        `first_page` is the object of the first page, `first_number` is printed on it.
        """
        self._objects.put(self._info, metadata.info())
        self._objects.put_stream(self._xmp, b"/Type/Metadata/Subtype/XML", metadata.xmp())
        language = text_string(metadata.language)
        self._objects.put(self._number, self._value(language, first_page, first_number))
        return b"/Root %d 0 R/Info %d 0 R" % (self._number, self._info)

    def _value(self, language: bytes, first_page: int, first_number: int) -> bytes:
        return (
            b"<</Type/Catalog/Pages %d 0 R/Outlines %d 0 R/Metadata %d 0 R/Lang%s"
            b"/PageMode/UseOutlines/ViewerPreferences<</DisplayDocTitle true>>"
            b"/OpenAction[%d 0 R/XYZ null null 1]/PageLabels<</Nums[0<</S/D/St %d>>]>>%s>>"
        ) % (
            self.pages,
            self.outline,
            self._xmp,
            language,
            first_page,
            first_number,
            self._layer_properties(),
        )

    def _layer_properties(self) -> bytes:
        if not self._layers:
            return b""
        # No order: the panel of layers would list the unnamed layers of unrelated files.
        return b"/OCProperties<</OCGs[%s]/D<</BaseState/ON/OFF[%s]/Order[]>>>>" % (
            _references(self._layers),
            _references(self._hidden_layers),
        )


def _references(numbers: Sequence[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)
