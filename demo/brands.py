"""How the paper of each company looks: its colour, sign and typeface, the same on every sheet."""

import random
from dataclasses import dataclass

from reportlab.lib.colors import Color, HexColor

from demo.paper import GREY, INK, Paper

_COLORS = (
    "#0f5c4d", "#1f4e8c", "#8c2f1f", "#5b3a86", "#a5631a", "#20616b", "#3d5a1e", "#7a1f4b",
    "#33415c",
)  # fmt: skip
_FACES = (
    ("Helvetica", "Helvetica-Bold"),
    ("Times-Roman", "Times-Bold"),
    ("Courier", "Courier-Bold"),
)


@dataclass(frozen=True, slots=True)
class Brand:
    name: str
    address: str
    color: Color
    shape: int
    face: str
    bold: str

    def letterhead(self, paper: Paper) -> None:
        """Sign, name and address across the top of a page; 90 points high."""
        paper.mark(54, 44, 30, self.shape, self.color)
        paper.text(94, 62, self.name, 16, self.bold, self.color)
        paper.text(94, 76, self.address, 8, self.face, GREY)
        paper.rule(54, 90, paper.width - 54, 1.2, self.color)

    def band(self, paper: Paper, title: str) -> None:
        """A coloured band with the name in white, as newer offices like it."""
        white = HexColor("#ffffff")
        paper.box(0, 0, paper.width, 78, fill=self.color)
        paper.mark(54, 24, 30, self.shape, white)
        paper.text(96, 42, self.name, 16, self.bold, white)
        paper.text(96, 57, self.address, 8, self.face, white)
        paper.text(paper.width - 54, 48, title, 17, self.bold, white, "right")

    def plain(self, paper: Paper, title: str) -> None:
        """Two rules and a centred name, as it has been for fifty years."""
        middle = paper.width / 2
        paper.text(middle, 56, self.name, 19, self.bold, INK, "center")
        paper.text(middle, 71, self.address, 9, self.face, INK, "center")
        paper.rule(54, 82, paper.width - 54, 1.6, INK)
        paper.rule(54, 85, paper.width - 54, 0.5, INK)
        paper.text(middle, 104, title, 13, self.bold, INK, "center")


def brand(name: str, address: str) -> Brand:
    choice = random.Random(f"brand {name}")
    color = HexColor(choice.choice(_COLORS))
    shape = choice.randrange(5)
    face, bold = choice.choice(_FACES)
    return Brand(name, address, color, shape, face, bold)
