"""Certificates of insurance."""

import random
from datetime import date

from reportlab.lib.colors import HexColor

from demo import project
from demo.brands import brand
from demo.paper import GREY, INK, Paper
from demo.project import Contract

_INSURERS = (
    "Old Harbor Mutual Insurance", "Prairie States Casualty", "Northmark Indemnity Company",
    "Blue Heron Specialty Insurance",
)  # fmt: skip
_AGENCY = ("Lindgren & Poole Insurance Agency", "200 East Wells Street, Milwaukee, WI 53202")
_COVERS = (
    ("General liability", "$1,000,000 each / $2,000,000 aggregate"),
    ("Automobile, any auto", "$1,000,000 combined"),
    ("Umbrella", "$5,000,000 each occurrence"),
    ("Workers' compensation", "Statutory / $1,000,000"),
)
_BLUE = HexColor("#24476b")


def insurance_certificate(contract: Contract, ends: date | None = None) -> bytes:
    """The certificate of a contract's company; its general liability ends on `ends`."""
    chance = random.Random(f"insurance {contract.company}")
    paper = Paper("Certificate of insurance", _AGENCY[0])
    brand(*_AGENCY).letterhead(paper)
    paper.text(54, 124, "Certificate of insurance", 19, "Helvetica-Bold", _BLUE)
    issued = contract.signed
    day = f"{issued:%B} {issued.day}, {issued.year}"
    paper.text(558, 124, f"Issued {day}", 9, color=GREY, align="right")
    for x, label, lines in (
        (54, "Insured", (contract.company, *contract.address.split(", ", 1))),
        (318, "Certificate holder", (project.GENERAL_CONTRACTOR, project.OWNER, project.ADDRESS)),
    ):
        paper.box(x, 142, 240, 66, stroke=GREY, radius=3)
        paper.text(x + 8, 156, label.upper(), 6.5, color=GREY)
        paper.block(x + 8, 170, lines, 9.5)
    rows = [("Coverage", "Insurer", "Policy", "From", "To", "Limits")]
    for index, (cover, limits) in enumerate(_COVERS):
        start = date(2025, 10 + index % 3, 1)
        end = ends if ends and index == 0 else start.replace(year=2026)
        rows.append(
            (
                cover,
                chance.choice(_INSURERS),
                f"{''.join(chance.choices('ABCGHKLPRT', k=3))}{chance.randint(100_000, 999_999)}",
                f"{start:%m/%d/%y}",
                f"{end:%m/%d/%y}",
                limits,
            )
        )
    end_of_table = paper.table(
        54, 232, (94, 116, 58, 42, 42, 152), rows,
        head=_BLUE, head_text=HexColor("#ffffff"), size=7.4, leading=24,
    )  # fmt: skip
    y = paper.paragraph(
        54, end_of_table + 26,
        f"For {project.NUMBER}, {project.NAME}. The certificate holder and the owner are "
        "additional insureds on the general liability and umbrella policies for the work of "
        f"{contract.number}, {contract.title.lower()}, on a primary and non-contributory basis. A "
        "waiver of subrogation applies where the law permits it.", 504, 9,
    )  # fmt: skip
    y = paper.paragraph(
        54, y + 6,
        "This certificate informs; it does not change the policies. The insurers give thirty days' "
        "notice before they cancel one.", 504, 9,
    )  # fmt: skip
    paper.signature(330, 640, _AGENCY[0], 1.2)
    paper.rule(318, 646, 558, 0.7, INK)
    paper.text(318, 658, "Authorized representative", 8, color=GREY)
    return paper.pdf()
