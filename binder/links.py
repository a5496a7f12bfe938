"""Annotations that stay: links inside the document and to the web, and sticky notes. No other
action survives."""

from pikepdf import Array, Name, Object, Pdf

from binder.destinations import Destinations
from binder.source import is_array, is_dictionary

_SAFE_ADDRESSES = ("http://", "https://", "mailto:", "tel:")
#: Actions, files and media that an annotation may carry, and back-references into structures we
#: drop.
_DROPPED_KEYS = frozenset({
    "/AA", "/PA", "/StructParent", "/FS", "/RichMediaContent", "/RichMediaSettings", "/3DD",
    "/Movie", "/Sound", "/AF", "/Popup", "/IRT",
})  # fmt: skip


def keep_safe_links(pdf: Pdf, destinations: Destinations) -> int:
    """Make every link explicit and drop every other action; the number of annotations whose action
    was dropped."""
    dropped = 0
    for page in pdf.pages:
        if "/Annots" not in page.obj:
            continue
        annotations = page.obj["/Annots"]
        kept = Array()
        for annotation in annotations if is_array(annotations) else ():
            if is_dictionary(annotation):
                dropped += not _clean(annotation, page.obj, destinations)
                kept.append(annotation)
        if len(kept):
            page.obj.Annots = kept
        else:
            del page.obj["/Annots"]
    return dropped


def _clean(annotation: Object, page: Object, destinations: Destinations) -> bool:
    """Whether nothing but back-references had to go."""
    for key in _DROPPED_KEYS & annotation.keys():
        del annotation[key]
    annotation.P = page
    action = annotation.get("/A")
    safe = True
    if action is not None:
        target = _target(action, destinations)
        if target is not None:
            annotation.Dest = target
        if target is not None or not _leads_to_web(action):
            del annotation["/A"]
            safe = target is not None
        elif "/Next" in action:
            del action["/Next"]
    if "/Dest" in annotation:
        explicit = destinations.resolve(annotation["/Dest"])
        if explicit is None:
            del annotation["/Dest"]
        else:
            annotation.Dest = explicit
    return safe


def _target(action: Object, destinations: Destinations) -> Array | None:
    if is_dictionary(action) and action.get("/S") == Name.GoTo:
        return destinations.resolve(action.get("/D"))
    return None


def _leads_to_web(action: Object) -> bool:
    if not is_dictionary(action) or action.get("/S") != Name.URI:
        return False
    address = str(action.get("/URI", "")).strip().lower()
    return address.startswith(_SAFE_ADDRESSES)
