"""A PDF as received becomes pages and nothing else: no forms, scripts, files or names of its
own."""

from dataclasses import dataclass

from pikepdf import Name, Pdf

from binder.destinations import Destinations
from binder.flatten import flatten
from binder.geometry import PageGeometry, push_down
from binder.links import keep_safe_links
from binder.source import entry, is_dictionary

#: Keys of a page that mean nothing outside its document, or do something when it is opened.
_PAGE_JUNK = frozenset({
    "/Metadata", "/PieceInfo", "/Thumb", "/B", "/AA", "/StructParents", "/DPart", "/Trans", "/Dur",
    "/TemplateInstantiated", "/PresSteps", "/LastModified", "/SeparationInfo", "/ID", "/PZ", "/AF",
    "/OutputIntents",
})  # fmt: skip
#: What a file may bring that a backup must not carry, by where it hangs in the catalogue.
_NAMED_JUNK = {"/JavaScript": "JavaScript", "/EmbeddedFiles": "embedded files"}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning found: geometry per page, words for what was removed, sentences for what was
    lost."""

    geometry: tuple[PageGeometry, ...]
    removed: tuple[str, ...]
    warnings: tuple[str, ...]


def clean(pdf: Pdf, destinations: Destinations) -> Cleaned:
    """Clean the pages of `pdf` in place; nothing else of it reaches a fragment. Bookmarks must have
    been read before."""
    removed = _junk_in_words(pdf)
    warnings = flatten(pdf)
    if keep_safe_links(pdf, destinations):
        removed.append("actions of links and buttons")
    geometry = []
    for page in pdf.pages:
        geometry.append(push_down(page.obj))
        for key in _PAGE_JUNK & page.obj.keys():
            del page.obj[key]
    return Cleaned(tuple(geometry), tuple(removed), tuple(warnings))


def _junk_in_words(pdf: Pdf) -> list[str]:
    words = []
    names = entry(pdf.Root, "/Names")
    if names is not None:
        words += [word for key, word in _NAMED_JUNK.items() if key in names]
    action = entry(pdf.Root, "/OpenAction")
    if is_dictionary(action) and action.get("/S") != Name.GoTo:
        words.append("an action on opening")
    form = entry(pdf.Root, "/AcroForm")
    if form is not None and "/XFA" in form:
        words.append("XFA form")
    return words
