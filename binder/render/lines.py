"""Lines of several faces in a table that ReportLab lays out."""

from reportlab.platypus import Flowable

from binder.render import fonts


class Lines(Flowable):
    """Lines in drawing order, in as many faces as they need; stands like a table's own text."""

    def __init__(
        self, lines: list[str], size: float, leading: float, *, bold: bool = False
    ) -> None:
        super().__init__()
        self.lines, self.size, self.leading, self.bold = lines, size, leading, bold

    def wrap(self, _room: float, _height: float) -> tuple[float, float]:
        """Width and height in points; the lines were cut to fit before."""
        widest = max(fonts.width(line, self.size, bold=self.bold) for line in self.lines)
        return widest, self.leading * len(self.lines)

    def draw(self) -> None:
        """Draw the first line's baseline one size below the top, as a table does."""
        y = self.leading * len(self.lines) - self.size
        for line in self.lines:
            x = 0.0
            for name, text in fonts.runs(line, bold=self.bold):
                self.canv.setFont(name, self.size)
                self.canv.drawString(x, y, text)
                x += fonts.face(name).stringWidth(text, self.size)
            y -= self.leading
