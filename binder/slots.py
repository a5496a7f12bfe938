"""The places that a fragment keeps free for the linker: around each page, and for links on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pikepdf import Array, Dictionary, Name, Pdf, Stream

from binder.balance import UnreadableContent, content_streams, decoded, open_states
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
from binder.plain_pages import Look, plain_look
from binder.salvage import salvaged
from binder.source import entry

#: The stamp's font among the resources of every page.
STAMP_FONT_NAME = "/DrawpackStamp"


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
) -> list[PageFacts]:
    """Put each page between an opening `q` and a slot for its stamp, and its annotations into an
    array of its own; name all of them in the catalogue."""
    opening, font, stamp = (pdf.make_indirect(Dictionary()) for _ in range(3))
    pages = []
    for page, shape, content in zip(pdf.pages, geometry, contents, strict=True):
        page.obj.Contents = Array([opening, *content.streams, stamp])
        fonts = entry(page.obj.Resources, "/Font")
        if not isinstance(fonts, Dictionary):
            page.obj.Resources.Font = Dictionary()
            fonts = page.obj.Resources.Font
        fonts[STAMP_FONT_NAME] = font
        pages.append(PageFacts(shape, content.open_states))
    catalogue = Dictionary(Type=Name.Catalog, Pages=pdf.Root.Pages)
    catalogue[OPENING_KEY], catalogue[FONT_KEY], catalogue[STAMP_KEY] = opening, font, stamp
    catalogue[LAYERS_KEY] = Array(layers.every)
    catalogue[HIDDEN_KEY] = Array(layers.hidden)
    catalogue[ANNOTATIONS_KEY] = _reserve_annotations(pdf)
    pdf.trailer.Root = pdf.make_indirect(catalogue)
    return pages


def _reserve_annotations(pdf: Pdf) -> Array:
    """An empty array that stands for those of pages without annotations, and the array of each
    page, which the linker may replace by a longer one."""
    none = pdf.make_indirect(Array())
    arrays = [none]
    for page in pdf.pages:
        found = entry(page.obj, "/Annots")
        if isinstance(found, Array) and len(found):
            page.obj.Annots = pdf.make_indirect(Array(map(pdf.make_indirect, found)))
        else:
            page.obj.Annots = none
        arrays.append(page.obj.Annots)
    return Array(arrays)
