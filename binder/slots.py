"""The places that a fragment keeps free for the linker: around each page, and for links."""

from pikepdf import Array, Dictionary, Name, Pdf

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


def reserve_slots(
    pdf: Pdf, geometry: tuple[PageGeometry, ...], layers: Layers
) -> tuple[list[PageFacts], int]:
    """Put each page between an opening `q` and a slot for its stamp; name both in the catalogue.

    Also the number of pages whose content is damaged.
    """
    opening, font, stamp = (pdf.make_indirect(Dictionary()) for _ in range(3))
    pages = []
    damaged = 0
    for page, shape in zip(pdf.pages, geometry, strict=True):
        streams = content_streams(page)
        try:
            streams, states = open_states(pdf, page, streams)
        except UnreadableContent:
            streams, states = [salvaged(pdf, streams)], 0
            damaged += 1
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
    return pages, damaged


def reserve_annotations(pdf: Pdf) -> None:
    """Give each page an empty array of annotations that the linker may fill; the slots come
    first."""
    arrays = []
    for page in pdf.pages:
        page.obj.Annots = pdf.make_indirect(Array())
        arrays.append(page.obj.Annots)
    pdf.Root[ANNOTATIONS_KEY] = Array(arrays)
