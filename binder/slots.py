"""The places that a fragment keeps free for the linker: around each page, and for links on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from binder.balance import UnreadableContent, content_streams, decoded, open_states
from binder.geometry import PageGeometry
from binder.layers import Layers
from binder.plain_pages import Look, plain_look
from binder.salvage import salvaged
from binder.source import entry, is_array, is_dictionary

#: The stamp's font among the resources of every page.
STAMP_FONT_NAME = "/DrawpackStamp"


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What the linker must know of a page beyond its objects."""

    geometry: PageGeometry
    open_states: int

    def row(self) -> tuple[float, ...]:
        """As a row of the side table's geometry."""
        shape = self.geometry
        return (*shape.box, shape.rotate, shape.unit, self.open_states)


@dataclass(frozen=True, slots=True)
class Slots:
    """The pages of a file, what stands for everything that the linker provides, and what it is told
    by name. All objects are indirect."""

    pages: tuple[Object, ...]
    facts: tuple[PageFacts, ...]
    layers: Layers
    #: Empty dictionaries in place of the stream before a page's own content, the stamp's font, the
    #: stamps, and the page tree.
    opening: Object
    font: Object
    stamp: Object
    tree: Object
    #: The empty array of pages without annotations, and the array of each page.
    no_annotations: Object
    annotations: tuple[Object, ...]

    @property
    def provided(self) -> tuple[Object, ...]:
        """What is no part of the body."""
        return self.opening, self.font, self.stamp, self.tree, self.no_annotations


@dataclass(frozen=True, slots=True)
class PageContent:
    """What a page draws, how many graphics states that leaves open, and what can be told of it
    without a reader."""

    streams: list[Stream]
    open_states: int = 0
    look: Look | None = None


def balanced_content(pdf: Pdf, geometry: Sequence[PageGeometry]) -> tuple[list[PageContent], int]:
    """The content of each page that somebody sent; also how many are damaged and lack parts."""
    contents = []
    damaged = 0
    for page, shape in zip(pdf.pages, geometry, strict=True):
        streams = content_streams(page)
        try:
            content = decoded(streams)
            balanced = open_states(pdf, page, streams, content)
            contents.append(PageContent(*balanced, plain_look(page, content, shape.rotate)))
        except UnreadableContent:
            contents.append(PageContent([salvaged(pdf, streams)]))
            damaged += 1
    return contents, damaged


def own_content(pdf: Pdf) -> list[PageContent]:
    """The content of each page that we drew, which leaves nothing open."""
    return [PageContent(content_streams(page)) for page in pdf.pages]


def reserve_slots(
    pdf: Pdf, geometry: Sequence[PageGeometry], contents: Sequence[PageContent], layers: Layers
) -> Slots:
    """Put each page between an opening `q` and a slot for its stamp, below a page tree to come, and
    its annotations into an array of its own."""
    opening, font, stamp, tree = (pdf.make_indirect(Dictionary()) for _ in range(4))
    none = pdf.make_indirect(Array())
    pages = tuple(page.obj for page in pdf.pages)
    for page, content in zip(pages, contents, strict=True):
        page.Type = Name.Page
        page.Parent = tree
        page.Contents = Array([opening, *content.streams, stamp])
        _name_font(page, font)
        page.Annots = _own_array(pdf, page) or none
    facts = (
        PageFacts(shape, content.open_states)
        for shape, content in zip(geometry, contents, strict=True)
    )
    arrays = tuple(page.Annots for page in pages)
    return Slots(pages, tuple(facts), layers, opening, font, stamp, tree, none, arrays)


def _name_font(page: Object, font: Object) -> None:
    fonts = entry(page.Resources, "/Font")
    if not is_dictionary(fonts):
        fonts = page.Resources.Font = Dictionary()
    fonts[STAMP_FONT_NAME] = font


def _own_array(pdf: Pdf, page: Object) -> Object | None:
    """The page's annotations as an array that the linker may replace by a longer one; None where it
    has none."""
    found = entry(page, "/Annots")
    if not is_array(found) or not len(found):
        return None
    return pdf.make_indirect(Array(map(pdf.make_indirect, found)))
