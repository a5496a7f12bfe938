"""Forms, signatures and drawn annotations become page content, so that files with equal field names
cannot disturb each other."""

import pikepdf
from pikepdf import Array, Name, Object, Pdf

from binder.field_text import draw_text, needs_our_fonts
from binder.source import entry, is_array, is_dictionary, is_stream

#: Links stay alive; a sticky note's words live in a window that cannot be drawn.
_STAY = frozenset({"/Link", "/Text"})
#: Without an appearance there is nothing to draw, and nothing of them may stay.
_NEVER_STAY = frozenset(
    {
        "/Widget", "/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D",
        "/TrapNet", "/PrinterMark", "/Projection", "/Popup", "/Watermark",
    }
)  # fmt: skip


def flatten(pdf: Pdf) -> list[str]:
    """Draw fields and annotations into their pages; warnings in sentences. Links and sticky notes
    stay annotations."""
    warnings = _missing_appearances(pdf)
    stay: dict[int, list[Object]] = {}
    for index, page in enumerate(pdf.pages):
        if "/Annots" not in page.obj:
            continue
        annotations = page.obj["/Annots"]
        drawn, kept = _divide(annotations)
        page.obj.Annots = Array(drawn)
        stay[index] = kept
    if not stay:
        return warnings
    form = entry(pdf.Root, "/AcroForm")
    if form is not None and "/NeedAppearances" in form:
        # It would make qpdf leave out every field instead of drawing what it has.
        del form["/NeedAppearances"]
    try:
        pdf.flatten_annotations("screen")
    except (RuntimeError, ValueError, pikepdf.PdfError):
        warnings.append("Some form fields or annotations could not be drawn.")
    for index, kept in stay.items():
        page_object = pdf.pages[index].obj
        if kept:
            page_object.Annots = Array(kept)
        elif "/Annots" in page_object:
            del page_object["/Annots"]
    return warnings


def _divide(annotations: Object) -> tuple[list[Object], list[Object]]:
    """Annotations to draw into the page, and those that stay."""
    drawn: list[Object] = []
    kept: list[Object] = []
    if not is_array(annotations):
        return drawn, kept
    for annotation in annotations:
        if not is_dictionary(annotation):
            continue
        kind = str(annotation.get("/Subtype", ""))
        if kind not in _STAY and _appearance(annotation) is not None:
            _hide_with_layer(annotation)
            drawn.append(annotation)
        elif kind not in _NEVER_STAY:
            kept.append(annotation)
    return drawn, kept


def _appearance(annotation: Object) -> Object | None:
    """The appearance that readers show, as a stream."""
    normal = entry(entry(annotation, "/AP"), "/N")
    if is_stream(normal):
        return normal
    state = annotation.get("/AS")
    if is_dictionary(normal) and isinstance(state, Name):
        chosen = normal.get(str(state))
        return chosen if is_stream(chosen) else None
    return None


def _hide_with_layer(annotation: Object) -> None:
    """An annotation on a hidden layer stays hidden: its drawing joins the layer."""
    appearance = _appearance(annotation)
    if appearance is not None and "/OC" in annotation and "/OC" not in appearance:
        appearance["/OC"] = annotation["/OC"]


def _missing_appearances(pdf: Pdf) -> list[str]:
    """Have qpdf draw text and choice fields that nobody drew; fields that were drawn keep their
    look."""
    form = entry(pdf.Root, "/AcroForm")
    if form is None:
        return []
    all_again = bool(form.get("/NeedAppearances", False))
    widgets = [widget for page in pdf.pages for widget in _widgets(page.obj)]
    drawn = [(w, w["/AP"]) for w in widgets if _appearance(w) is not None]
    if not all_again and len(drawn) == len(widgets):
        return []
    form["/NeedAppearances"] = True
    undrawn = widgets if all_again else [w for w in widgets if _appearance(w) is None]
    foreign = [widget for widget in undrawn if needs_our_fonts(widget)]
    try:
        pdf.generate_appearance_streams()
    except (RuntimeError, ValueError, TypeError, pikepdf.PdfError):
        return ["Some form fields could not be drawn."]
    finally:
        if not all_again:
            for widget, appearance in drawn:
                widget["/AP"] = appearance
    lost = sum(not _drawn_by_us(pdf, widget) for widget in foreign)
    return [_foreign_letters_in(lost)] if lost else []


def _drawn_by_us(pdf: Pdf, widget: Object) -> bool:
    try:
        return draw_text(pdf, widget)
    except (RuntimeError, ValueError, TypeError, pikepdf.PdfError):
        return False


def _foreign_letters_in(fields: int) -> str:
    count = "1 form field has" if fields == 1 else f"{fields:,} form fields have"
    return (
        f"{count} letters that its font lacks; they show as “?”. "
        "Ask the sender to print the form to PDF and send that."
    )


def _widgets(page: Object) -> list[Object]:
    annotations = page.get("/Annots")
    if not is_array(annotations):
        return []
    return [a for a in annotations if is_dictionary(a) and a.get("/Subtype") == Name.Widget]
