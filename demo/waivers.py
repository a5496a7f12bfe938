"""Lien waivers: a form to fill in for the payment asked for, a signed scan for the one before."""

from dataclasses import dataclass
from datetime import date

from reportlab.lib.colors import HexColor

from billing import format_cents
from demo import project
from demo.paper import GREY, INK, Paper
from demo.project import Contract
from demo.scan import scanned

_FIELD = HexColor("#eef3fb")


@dataclass(frozen=True, slots=True)
class Waiver:
    """What is waived: an `amount` in cents, for work through `through`."""

    contract: Contract
    invoice: str
    amount: int
    through: date
    signed_by: str
    is_final: bool = False

    @property
    def payment(self) -> str:
        return "final payment" if self.is_final else "progress payment"


def conditional_waiver(waiver: Waiver) -> bytes:
    """A form with filled fields: it takes effect when the payment arrives."""
    paper = _sheet(waiver, "Conditional waiver and release")
    y = _facts(paper, waiver, as_form=True)
    y = paper.paragraph(
        54, y + 8,
        f"When the check for the amount above has cleared the bank on which it is drawn, the "
        f"claimant gives up every lien, bond and payment claim that it has for labor, services, "
        f"equipment and material furnished to the project through the date above. Until then this "
        f"{waiver.payment} waiver has no effect.", 504,
    )  # fmt: skip
    y = paper.paragraph(
        54, y + 6,
        "Not covered: retainage that is withheld, change orders that are not yet signed, and work "
        "done after the date above.", 504,
    )  # fmt: skip
    _signed(paper, waiver, y + 50)
    return paper.pdf()


def unconditional_waiver(waiver: Waiver) -> bytes:
    """A scan: the money has come, and the waiver holds at once."""
    paper = _sheet(waiver, "Unconditional waiver and release")
    y = _facts(paper, waiver, as_form=False)
    y = paper.paragraph(
        54, y + 8,
        f"The claimant has received the {waiver.payment} above and gives up every lien, bond and "
        "payment claim for labor, services, equipment and material furnished to the project "
        "through the date above. Read this before you sign: it holds even if you have not been "
        "paid.", 504,
    )  # fmt: skip
    _signed(paper, waiver, y + 50)
    return scanned(paper.pdf())


def _sheet(waiver: Waiver, title: str) -> Paper:
    paper = Paper(title, waiver.contract.company)
    paper.text(54, 74, title, 19, "Helvetica-Bold")
    paper.text(54, 92, f"on {waiver.payment}", 12, color=GREY)
    paper.rule(54, 104, 558, 1.6, INK)
    return paper


def _facts(paper: Paper, waiver: Waiver, *, as_form: bool) -> float:
    """Labels with their values, as form fields or as print; returns where the text goes on."""
    facts = (
        ("Claimant", waiver.contract.company),
        ("Customer", project.GENERAL_CONTRACTOR),
        ("Owner", project.OWNER),
        ("Project", f"{project.NAME}, {project.ADDRESS}"),
        ("Contract", f"{waiver.contract.number}, {waiver.contract.title}"),
        ("Invoice", waiver.invoice),
        ("Through date", f"{waiver.through:%B} {waiver.through.day}, {waiver.through.year}"),
        ("Amount", f"${format_cents(waiver.amount)}"),
    )
    for row, (label, value) in enumerate(facts):
        y = 130 + 27 * row
        paper.text(54, y, label, 9.5, "Helvetica-Bold")
        if as_form:
            paper.canvas.acroForm.textfield(
                name=label, value=value, tooltip=label,
                x=150, y=paper.height - y - 6, width=408, height=19,
                fontName="Helvetica", fontSize=10, borderWidth=0.5,
                borderColor=GREY, fillColor=_FIELD, textColor=INK, forceBorder=True,
            )  # fmt: skip
        else:
            paper.text(154, y, value, 10)
            paper.rule(150, y + 5, 558, 0.5, GREY)
    return 130 + 27 * len(facts)


def _signed(paper: Paper, waiver: Waiver, y: float) -> None:
    paper.signature(66, y - 4, waiver.signed_by, 1.1)
    paper.rule(54, y, 290, 0.7, INK)
    paper.text(54, y + 12, f"{waiver.signed_by}, for {waiver.contract.company}", 8, color=GREY)
    paper.text(330, y - 5, f"{waiver.through:%m/%d/%Y}", 11, "Courier")
    paper.rule(320, y, 450, 0.7, INK)
    paper.text(320, y + 12, "Date", 8, color=GREY)
    paper.text(54, 740, f"{project.NUMBER}  {project.NAME}", 7.5, color=GREY)
