"""The content of a page of ours as PDF operators.

ReportLab's own drawing spends most of its time formatting numbers and encoding the same words again
and again; it still makes the document, its fonts and its subsets.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from binder.pdf_text import number
from binder.render import fonts

_ESCAPES = {
    code: f"\\{chr(code)}" if chr(code) in "\\()" else f"\\{code:03o}"
    for code in (*range(32), *map(ord, "\\()"), *range(127, 256))
}

_ASCII = "".join(map(chr, range(32, 127)))

#: Face and size in points.
Font = tuple[str, float]
#: A run of text as one subset of a face draws it: the subset's name in the document, the string.
_Encoded = tuple[str, str]


class Content:
    """Collects what one page shows after the other. Lengths in points; texts stand above bands."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas: Any = canvas
        self._known: dict[tuple[str, str], list[_Encoded]] = {}
        self._ascii: dict[str, str] = {}
        self._begin()

    def _begin(self) -> None:
        self._under: list[str] = []
        self._over: list[str] = []
        self._fill = self._stroke = self._pen = ""
        self._font: Font = ("", 0.0)
        self._ink = ""

    def end_page(self) -> None:
        """Hand everything to the canvas. All text of a page is one text object: a tenth of the
        bytes, and above all bands."""
        operators = [*self._under, "BT", *self._over, "ET"]
        self._canvas.addLiteral("\n".join(operators))
        self._canvas.showPage()
        self._begin()

    def fill(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """Fill a rectangle whose lower left corner is (x, y)."""
        if colour != self._fill:
            self._under.append(f"{_components(colour)} rg")
            self._fill = colour
        self._under.append(f"{_n(x)} {_n(y)} {_n(width)} {_n(height)} re f")

    def stroke(
        self, x: float, end: float, y: float, *, weight: float, colour: str, dash: str = ""
    ) -> None:
        """Draw a level line from `x` to `end`, dashed as PDF writes it."""
        if colour != self._stroke:
            self._under.append(f"{_components(colour)} RG")
            self._stroke = colour
        pen = f"{_n(weight)} w [{dash}] 0 d"
        if pen != self._pen:
            self._under.append(pen)
            self._pen = pen
        self._under.append(f"{_n(x)} {_n(y)} m {_n(end)} {_n(y)} l S")

    def text(self, at: tuple[float, float], font: Font, run: str, colour: str) -> None:
        """Draw a run that one face draws, from this point of the baseline."""
        self._over.append(f"1 0 0 1 {_n(at[0])} {_n(at[1])} Tm")
        self.more(font, run, colour)

    def more(self, font: Font, run: str, colour: str) -> None:
        """Draw a run behind the one before."""
        if colour != self._ink:
            self._over.append(f"{_components(colour)} rg")
            self._ink = colour
        face, size = font
        for name, string in self._encoded(face, run):
            if (name, size) != self._font:
                self._over.append(f"{name} {_n(size)} Tf")
                self._font = name, size
            self._over.append(f"({string}) Tj")

    def _encoded(self, face: str, run: str) -> list[_Encoded]:
        if run.isascii() and (name := self._name_for_ascii(face)):
            return [(name, run.translate(_ESCAPES))]
        key = face, run
        if key not in self._known:
            self._known[key] = list(self._encode(face, run))
        return self._known[key]

    def _encode(self, face: str, run: str) -> Iterator[_Encoded]:
        font, document = fonts.face(face), self._canvas._doc  # noqa: SLF001 - as its own text does
        for subset, codes in font.splitString(run, document):
            name = font.getSubsetInternalName(subset, document)
            yield name, codes.decode("latin-1").translate(_ESCAPES)

    def _name_for_ascii(self, face: str) -> str:
        """The subset in which every ASCII character is its own code, as ReportLab arranges it for
        faces that have them all; empty for others."""
        if face not in self._ascii:
            found = list(self._encode(face, _ASCII))
            own = len(found) == 1 and found[0][1] == _ASCII.translate(_ESCAPES)
            self._ascii[face] = found[0][0] if own else ""
        return self._ascii[face]


@lru_cache(maxsize=4096)
def _n(value: float) -> str:
    return number(value).decode("ascii")


@lru_cache(maxsize=64)
def _components(colour: str) -> str:
    """Red, green and blue of `#rrggbb`, from 0 to 1."""
    return " ".join(f"{int(colour[at : at + 2], 16) / 255:.4g}" for at in (1, 3, 5))
