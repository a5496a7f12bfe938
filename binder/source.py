"""Opening what somebody sent: repair, the empty password, and the reasons to refuse."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, ObjectType, Pdf, Stream

from binder.errors import BinderError
from binder.facts import Problem

_REPAIR_WORDS = ("damaged", "reconstruct", "recover", "expected endstream", "can't find startxref")
#: How far a chain of parents is followed before it counts as a loop.
_DEEPEST = 60


class Refused(BinderError):
    """The file cannot become pages; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """An opened PDF and how it had to be opened."""

    pdf: Pdf
    repaired: bool
    encrypted: bool


def open_pdf(path: Path) -> Source:
    """Open the PDF at `path`, repairing it if needed. Raises Refused."""
    try:
        pdf = pikepdf.open(path, suppress_warnings=True)
        pages = len(pdf.pages)
    except pikepdf.PasswordError as error:
        raise Refused(Problem.PASSWORD) from error
    except MemoryError:
        raise
    except Exception as error:
        # qpdf reports broken structure by many exceptions of its own and of Python's.
        raise Refused(Problem.UNREADABLE) from error
    if pages == 0:
        raise Refused(Problem.EMPTY)
    repaired = any(word in str(line) for line in pdf.get_warnings() for word in _REPAIR_WORDS)
    return Source(pdf, repaired=repaired, encrypted=pdf.is_encrypted)


# `isinstance` asks the same by way of Python and takes seventy times as long, which adds up to a
# tenth of intake.
def is_dictionary(value: object) -> TypeGuard[Dictionary]:
    """Whether this is a dictionary and no stream."""
    return isinstance(value, Object) and value._type_code is ObjectType.dictionary  # noqa: SLF001


def is_array(value: object) -> TypeGuard[Array]:
    """Whether this is an array."""
    return isinstance(value, Object) and value._type_code is ObjectType.array  # noqa: SLF001


def is_stream(value: object) -> TypeGuard[Stream]:
    """Whether this is a stream."""
    return isinstance(value, Object) and value._type_code is ObjectType.stream  # noqa: SLF001


def entry(obj: Object | None, key: str) -> Object | None:
    """`obj[key]`, or None where `obj` is no dictionary or lacks the key."""
    # Looked for first: what is not there costs `get` ten times as much.
    if not is_dictionary(obj) or key not in obj:
        return None
    value = obj[key]
    return value if isinstance(value, Object) else None


def filters_of(stream: Object) -> list[str]:
    """The names of the filters of a stream, in the order in which they are undone."""
    found = stream.get("/Filter")
    if found is None:
        return []
    return [str(name) for name in found] if is_array(found) else [str(found)]


def inherited(page: Object, key: str) -> Object | None:
    """The attribute of a page or of the nearest ancestor that has it."""
    node: Object | None = page
    for _ in range(_DEEPEST):
        if not is_dictionary(node):
            return None
        if key in node:
            return node[key]
        node = node["/Parent"] if "/Parent" in node else None  # noqa: SIM401 - see `entry`
    return None


def was_signed(pdf: Pdf) -> bool:
    """Whether a signature field holds a signature."""
    fields = entry(entry(pdf.Root, "/AcroForm"), "/Fields")
    if not is_array(fields):
        return False
    stack, seen = list(fields), 0
    while stack and seen < 5000:
        field = stack.pop()
        seen += 1
        if not is_dictionary(field):
            continue
        if field.get("/FT") == Name.Sig and "/V" in field:
            return True
        kids = field.get("/Kids")
        if is_array(kids):
            stack.extend(kids)
    return False


def has_xfa(pdf: Pdf) -> bool:
    """Whether the form is described a second time in XFA."""
    form = entry(pdf.Root, "/AcroForm")
    return form is not None and "/XFA" in form


def is_dynamic_xfa(pdf: Pdf, first_page_text: str) -> bool:
    """Whether the pages exist only inside Acrobat: a placeholder page says “Please wait…”."""
    if not has_xfa(pdf):
        return False
    if bool(pdf.Root.get("/NeedsRendering", False)):
        return True
    return len(pdf.pages) <= 2 and "please wait" in first_page_text.lower()
