"""Drawing a page: words, rules, boxes, tables and ink, measured from the top left corner."""

import io
import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import landscape, letter
from reportlab.pdfgen.canvas import Canvas

INK = HexColor("#1c2024")
GREY = HexColor("#6b7280")
PALE = HexColor("#e5e7eb")
PEN = HexColor("#1d3a8a")

Align = Literal["left", "right", "center"]


class Paper:
    """A PDF in the making, one page at a time. The same calls give the same bytes."""

    def __init__(
        self, title: str, author: str = "", *, wide: bool = False, turned: bool = False
    ) -> None:
        """`wide` is landscape; `turned` is landscape too, on a portrait page with /Rotate."""
        self.buffer = io.BytesIO()
        self.turned = turned
        self.width, self.height = landscape(letter) if wide or turned else letter
        # ReportLab turns the page's box by itself where there is a /Rotate, but not what is drawn.
        size = (self.width, self.height)
        self.canvas = Canvas(self.buffer, pagesize=size, invariant=True)
        self.canvas.setTitle(title)
        self.canvas.setAuthor(author)
        self._begin()

    def _begin(self) -> None:
        if self.turned:
            self.canvas.setPageRotation(90)
            self.canvas.translate(self.height, 0)
            self.canvas.rotate(90)

    def next_page(self) -> None:
        self.canvas.showPage()
        self._begin()

    def pdf(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self.buffer.getvalue()

    def text(
        self,
        x: float,
        y: float,
        words: str,
        size: float = 9.5,
        font: str = "Helvetica",
        color: Color = INK,
        align: Align = "left",
    ) -> None:
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(color)
        draw = {
            "left": self.canvas.drawString,
            "right": self.canvas.drawRightString,
            "center": self.canvas.drawCentredString,
        }[align]
        draw(x, self.height - y, words)

    def block(
        self,
        x: float,
        y: float,
        lines: Sequence[str],
        size: float = 9.5,
        leading: float = 0,
        font: str = "Helvetica",
        color: Color = INK,
    ) -> float:
        """Lines below each other; returns where the next one would stand."""
        for line in lines:
            self.text(x, y, line, size, font, color)
            y += leading or size * 1.4
        return y

    def paragraph(self, x: float, y: float, words: str, width: float, size: float = 9.5) -> float:
        """Words broken into lines of at most `width`; returns where the next line would stand."""
        lines = [""]
        for word in words.split():
            longer = f"{lines[-1]} {word}".strip()
            if self.canvas.stringWidth(longer, "Helvetica", size) <= width:
                lines[-1] = longer
            else:
                lines.append(word)
        return self.block(x, y, lines, size, size * 1.5)

    def rule(self, x: float, y: float, to: float, thick: float = 0.6, color: Color = PALE) -> None:
        self.canvas.setStrokeColor(color)
        self.canvas.setLineWidth(thick)
        self.canvas.line(x, self.height - y, to, self.height - y)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: Color | None = None,
        stroke: Color | None = None,
        radius: float = 0,
    ) -> None:
        """A rectangle whose top left corner is at x, y."""
        self.canvas.setLineWidth(0.7)
        if fill:
            self.canvas.setFillColor(fill)
        if stroke:
            self.canvas.setStrokeColor(stroke)
        bottom = self.height - y - height
        self.canvas.roundRect(
            x, bottom, width, height, radius, stroke=bool(stroke), fill=bool(fill)
        )

    def field(self, x: float, y: float, label: str, value: str, size: float = 9.5) -> None:
        """A small caption with what belongs to it below."""
        self.text(x, y, label.upper(), 6.5, color=GREY)
        self.text(x, y + size + 3.5, value, size)

    def table(
        self,
        x: float,
        y: float,
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        *,
        head: Color = PALE,
        head_text: Color = INK,
        numbers: int = 0,
        size: float = 8.5,
        font: str = "Helvetica",
        bold: str = "Helvetica-Bold",
        leading: float = 17,
    ) -> float:
        """The first row is the head; the last `numbers` columns stand right. Returns its end."""
        total = sum(widths)
        self.box(x, y, total, leading, fill=head)
        for index, row in enumerate(rows):
            left, baseline = x, y + leading * index + leading * 0.66
            for column, (width, cell) in enumerate(zip(widths, row, strict=True)):
                color, face = (INK, font) if index else (head_text, bold)
                if column >= len(widths) - numbers:
                    self.text(left + width - 5, baseline, cell, size, face, color, "right")
                else:
                    self.text(left + 5, baseline, cell, size, face, color)
                left += width
            self.rule(x, y + leading * (index + 1), x + total)
        return y + leading * len(rows)

    def signature(self, x: float, y: float, name: str, size: float = 1.0) -> None:
        """A scribble in ink, its own for every name."""
        pen = random.Random(f"signature {name}")
        points = [(x, self.height - y)]
        for _ in range(7 + len(name) // 3):
            last_x, _ = points[-1]
            rise = pen.choice((1, 1, 1, 2.2)) * pen.uniform(-7, 10) * size
            points.append((last_x + pen.uniform(3, 13) * size, self.height - y + rise))
        path = self.canvas.beginPath()
        path.moveTo(*points[0])
        for (ax, ay), (bx, by) in pairwise(points):
            reach = (bx - ax) * pen.uniform(0.6, 1.6)
            lift = pen.uniform(-14, 16) * size
            path.curveTo(ax + reach, ay + lift, bx - reach * 0.5, by - lift * 0.6, bx, by)
        self.canvas.setStrokeColor(PEN)
        self.canvas.setLineWidth(1.15)
        self.canvas.setLineCap(1)
        self.canvas.drawPath(path, stroke=1, fill=0)

    def stamp(self, x: float, y: float, words: Sequence[str], color: Color, angle: float) -> None:
        """A rubber stamp."""
        self.canvas.saveState()
        self.canvas.translate(x, self.height - y)
        self.canvas.rotate(angle)
        self.canvas.setStrokeColor(color)
        self.canvas.setFillColor(color)
        self.canvas.setLineWidth(1.8)
        height = 15 * len(words) + 9
        self.canvas.roundRect(-68, -height / 2, 136, height, 5)
        for index, line in enumerate(words):
            self.canvas.setFont("Helvetica-Bold", 12 if index == 0 else 9)
            self.canvas.drawCentredString(0, height / 2 - 16 - 14 * index, line)
        self.canvas.restoreState()

    def mark(self, x: float, y: float, size: float, shape: int, color: Color) -> None:
        """The sign of a company: one of five simple shapes."""
        canvas, top = self.canvas, self.height - y
        canvas.setFillColor(color)
        canvas.setStrokeColor(color)
        middle = (x + size / 2, top - size / 2)
        if shape == 0:
            canvas.circle(*middle, size / 2, stroke=0, fill=1)
            canvas.setFillColor(HexColor("#ffffff"))
            canvas.circle(middle[0] + size * 0.14, middle[1] + size * 0.1, size * 0.24, 0, 1)
            return
        if shape == 1:
            for step in range(3):
                height = size * (0.45 + 0.27 * step)
                canvas.rect(x + size * 0.36 * step, top - size, size * 0.28, height, 0, 1)
            return
        corners = {2: 3, 3: 6, 4: 4}[shape]
        path = canvas.beginPath()
        for corner in range(corners):
            angle = math.pi / 2 + 2 * math.pi * corner / corners
            point = (middle[0] + size / 2 * math.cos(angle), middle[1] + size / 2 * math.sin(angle))
            path.lineTo(*point) if corner else path.moveTo(*point)
        path.close()
        canvas.drawPath(path, stroke=0, fill=1)
