"""Reports that back an invoice: strength tests with a graph, stored material, certified payroll."""

import random
from collections.abc import Sequence
from datetime import date, timedelta

from reportlab.lib.colors import HexColor

from billing import format_cents
from demo import project
from demo.brands import brand
from demo.paper import GREY, INK, PALE, Paper
from demo.project import Contract

_LABORATORY = ("Crestline Materials Testing", "31 Proctor Street, Wauwatosa, WI 53226")
_LINE = HexColor("#1f4e8c")
_SPECIFIED = 4_000
_AGES = (3, 7, 14, 28)


def strength_report(pours: Sequence[tuple[str, date]]) -> bytes:
    """Cylinder tests: a page for each pour, each with its own bookmark."""
    paper = Paper("Concrete compressive strength", _LABORATORY[0])
    for index, (place, day) in enumerate(pours, 1):
        if index > 1:
            paper.next_page()
        paper.canvas.bookmarkPage(f"pour-{index}")
        paper.canvas.addOutlineEntry(f"Pour {index}: {place}", f"pour-{index}", 0)
        _pour(paper, index, place, day)
    return paper.pdf()


def _pour(paper: Paper, number: int, place: str, day: date) -> None:
    chance = random.Random(f"pour {place} {day}")
    brand(*_LABORATORY).letterhead(paper)
    paper.text(54, 124, "Compressive strength of concrete cylinders", 16, "Helvetica-Bold")
    facts = (
        ("Report", f"CMT-26-{chance.randint(300, 980)}"), ("Pour", f"{number}"),
        ("Placed", f"{day:%m/%d/%Y}"), ("Specified", f"{_SPECIFIED:,} psi at 28 days"),
    )  # fmt: skip
    for index, (label, value) in enumerate(facts):
        paper.field(54 + 128 * index, 148, label, value)
    paper.field(54, 184, "Location", place)
    paper.field(310, 184, "Project", f"{project.NUMBER}  {project.NAME}")
    strengths = [
        int(_SPECIFIED * share + chance.uniform(-120, 260)) for share in (0.46, 0.71, 0.93, 1.13)
    ]
    rows = [("Cylinder", "Age, days", "Tested", "Load, lbf", "Strength, psi", "Break")]
    for index, (age, strength) in enumerate(zip(_AGES, strengths, strict=True)):
        tested = day + timedelta(age)
        load = f"{int(strength * 12.566):,}"
        kind = f"type {chance.randint(1, 3)}"
        rows.append(
            (
                f"{number}{'ABCD'[index]}",
                str(age),
                f"{tested:%m/%d/%Y}",
                load,
                f"{strength:,}",
                kind,
            )
        )
    paper.table(54, 222, (84, 70, 90, 90, 96, 74), rows, leading=20, size=9)
    _graph(paper, strengths)
    paper.signature(366, 690, _LABORATORY[0])
    paper.rule(354, 696, 558, 0.7, INK)
    paper.text(354, 708, "Laboratory manager", 8, color=GREY)


def _graph(paper: Paper, strengths: Sequence[int]) -> None:
    left, top, width, height, most = 96, 356, 430, 220, 5_000
    paper.box(left, top, width, height, stroke=PALE)
    for psi in range(0, most + 1, 1_000):
        y = top + height - psi * height / most
        paper.rule(left, y, left + width, 0.4)
        paper.text(left - 6, y + 3, f"{psi:,}", 7.5, color=GREY, align="right")
    for age in _AGES:
        paper.text(left + age * width / 30, top + height + 13, f"{age} d", 7.5, color=GREY)
    points = [
        (left + age * width / 30, paper.height - (top + height - psi * height / most))
        for age, psi in zip((0, *_AGES), (0, *strengths), strict=True)
    ]
    canvas = paper.canvas
    canvas.setStrokeColor(HexColor("#c2410c"))
    canvas.setDash(5, 3)
    wanted = paper.height - (top + height - _SPECIFIED * height / most)
    canvas.line(left, wanted, left + width, wanted)
    canvas.setDash()
    canvas.setStrokeColor(_LINE)
    canvas.setLineWidth(1.8)
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for x, y in points[1:]:
        path.lineTo(x, y)
    canvas.drawPath(path)
    canvas.setFillColor(_LINE)
    for x, y in points[1:]:
        canvas.circle(x, y, 3, stroke=0, fill=1)


def stored_material(
    contract: Contract, day: date, rows: Sequence[tuple[str, int, int, int]], place: str
) -> bytes:
    """A landscape list. `rows`: description; cents stored before, added and installed."""
    paper = Paper("Stored material", contract.company, wide=True)
    brand(contract.company, contract.address).letterhead(paper)
    paper.text(54, 122, "Stored material", 18, "Helvetica-Bold")
    paper.text(738, 122, f"as of {day:%B} {day.day}, {day.year}", 10, color=GREY, align="right")
    paper.field(54, 144, "Contract", f"{contract.number}  {contract.title}")
    paper.field(318, 144, "Project", f"{project.NUMBER}  {project.NAME}")
    paper.field(582, 144, "Where", place)
    table: list[Sequence[str]] = [("Material", "Stored before", "Added", "Installed", "Stored now")]
    for what, before, added, installed in rows:
        amounts = (before, added, -installed, before + added - installed)
        table.append((what, *(format_cents(amount) for amount in amounts)))
    before, added, installed = (sum(amounts) for amounts in list(zip(*rows, strict=True))[1:])
    totals = (before, added, -installed, before + added - installed)
    table.append(("Total", *(format_cents(amount) for amount in totals)))
    end = paper.table(54, 184, (244, 110, 110, 110, 110), table, numbers=4, leading=24, size=10)
    paper.paragraph(
        54, end + 28,
        "The material is set apart and marked with the name of the project. It is insured where it "
        "lies and on the way, and may be inspected on any working day. Bills of sale are attached "
        "to the suppliers' invoices.", 684, 9.5,
    )  # fmt: skip
    paper.signature(70, 520, contract.company, 1.1)
    paper.rule(54, 526, 290, 0.7, INK)
    paper.text(54, 538, f"For {contract.company}", 8, color=GREY)
    return paper.pdf()


_CRAFT = (
    ("Foreman", 58_40), ("Journeyman", 51_75), ("Journeyman", 51_75), ("Journeyman", 51_75),
    ("Apprentice, 4th year", 41_40), ("Apprentice, 2nd year", 31_05),
    ("Apprentice, 1st year", 25_88),
)  # fmt: skip
_PEOPLE = (
    "A. Castellanos", "B. Nwosu", "C. Halvorsen", "D. Pereira", "E. Kowalczyk", "F. Amundsen",
    "G. Tran", "H. Abernathy", "I. Sorensen", "J. Mbeki", "K. Ostrowski", "L. Fontaine",
)  # fmt: skip


def certified_payroll(contract: Contract, week_ends: date) -> bytes:
    """A wide form on a portrait page that says /Rotate: hours and wages of one week."""
    chance = random.Random(f"payroll {contract.number} {week_ends}")
    paper = Paper("Certified payroll", contract.company, turned=True)
    brand(contract.company, contract.address).letterhead(paper)
    paper.text(54, 122, "Certified payroll", 18, "Helvetica-Bold")
    paper.field(318, 110, "Week ending", f"{week_ends:%m/%d/%Y}")
    paper.field(450, 110, "Payroll", f"{week_ends.isocalendar().week - 8}")
    paper.field(540, 110, "Project", f"{project.NUMBER}  {project.NAME}")
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
    rows: list[Sequence[str]] = [
        ("Name", "Classification", *days, "Hours", "Rate", "Gross", "Fringe")
    ]
    totals = [0, 0, 0]
    people = chance.sample(_PEOPLE, len(_CRAFT))
    for person, (craft, rate) in zip(people, _CRAFT, strict=True):
        hours = [chance.choice((8, 8, 8, 8, 7, 0)) for _ in range(5)]
        # Saturday makes up for a day off, so that nobody has overtime.
        hours.append(4 if sum(hours) <= 36 else 0)
        gross, fringe = sum(hours) * rate, sum(hours) * 24_15
        totals = [totals[0] + sum(hours), totals[1] + gross, totals[2] + fringe]
        amounts = (str(sum(hours)), *(format_cents(cents) for cents in (rate, gross, fringe)))
        rows.append((person, craft, *(str(h or "–") for h in hours), *amounts))
    sums = (str(totals[0]), "", format_cents(totals[1]), format_cents(totals[2]))
    rows.append(("Total", "", *("" for _ in days), *sums))
    widths = (108, 120, *(34 for _ in days), 46, 56, 74, 74)
    end = paper.table(54, 152, widths, rows, numbers=10, leading=25, size=9)
    y = paper.paragraph(
        54, end + 26,
        "I state that everyone named here was paid the full wages shown, without rebate, and not "
        "less than the rates that apply to the classification of the work.", 684, 9,
    )  # fmt: skip
    paper.signature(70, y + 44, f"payroll {contract.company}")
    paper.rule(54, y + 50, 290, 0.7, INK)
    paper.text(54, y + 62, "Payroll officer", 8, color=GREY)
    return paper.pdf()
