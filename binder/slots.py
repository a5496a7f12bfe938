"""The places that a fragment keeps free for the linker: around each page, and for links."""

from collections.abc import Sequence

from pikepdf import Array, Dictionary, Name, Pdf, Stream

from binder.balance import UnreadableContent, content_streams, open_states
from binder.geometry import PageGeometry
from binder.layers import Layers
from binder.pack import (
    ANNOTATIONS_KEY,
    FONT_KEY,
    HIDDEN_KEY,
    LAYERS_KEY,
    OPENING_KEY,
    STAMP_KEY,
    PageFacts,
)
from binder.salvage import salvaged

#: The stamp's font among the resources of every page.
STAMP_FONT_NAME = "/DrawpackStamp"

#: What a page draws, and how many graphics states that leaves open.
PageContent = tuple[list[Stream], int]


def balanced_content(pdf: Pdf) -> tuple[list[PageContent], int]:
    """The content of each page that somebody sent; also how many are damaged and lack parts."""
    contents = []
    damaged = 0
    for page in pdf.pages:
        streams = content_streams(page)
        try:
            contents.append(open_states(pdf, page, streams))
        except UnreadableContent:
            contents.append(([salvaged(pdf, streams)], 0))
            damaged += 1
    return contents, damaged


def own_content(pdf: Pdf) -> list[PageContent]:
    """The content of each page that we drew, which leaves nothing open."""
    return [(content_streams(page), 0) for page in pdf.pages]


def reserve_slots(
    pdf: Pdf, geometry: Sequence[PageGeometry], contents: Sequence[PageContent], layers: Layers
) -> list[PageFacts]:
    """Put each page between an opening `q` and a slot for its stamp; name both in the catalogue."""
    opening, font, stamp = (pdf.make_indirect(Dictionary()) for _ in range(3))
    pages = []
    for page, shape, (streams, states) in zip(pdf.pages, geometry, contents, strict=True):
        page.obj.Contents = Array([opening, *streams, stamp])
        fonts = page.obj.Resources.get("/Font")
        if not isinstance(fonts, Dictionary):
            page.obj.Resources.Font = fonts = Dictionary()
            fonts = page.obj.Resources.Font
        fonts[STAMP_FONT_NAME] = font
        pages.append(PageFacts(shape, states))
    catalogue = Dictionary(Type=Name.Catalog, Pages=pdf.Root.Pages)
    catalogue[OPENING_KEY], catalogue[FONT_KEY], catalogue[STAMP_KEY] = opening, font, stamp
    catalogue[LAYERS_KEY] = Array(layers.every)
    catalogue[HIDDEN_KEY] = Array(layers.hidden)
    pdf.trailer.Root = pdf.make_indirect(catalogue)
    return pages


def reserve_annotations(pdf: Pdf) -> None:
    """Give each page an empty array of annotations that the linker may fill; the slots come
    first."""
    arrays = []
    for page in pdf.pages:
        page.obj.Annots = pdf.make_indirect(Array())
        arrays.append(page.obj.Annots)
    pdf.Root[ANNOTATIONS_KEY] = Array(arrays)
