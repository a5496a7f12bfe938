"""What comes with invoices too: a list for a spreadsheet, a mail, a file that broke on the way."""

import csv
import io
import random
from datetime import date, timedelta

from demo import project
from demo.project import Contract


def quantities(contract: Contract, month: int) -> bytes:
    """Daily quantities as a CSV file: no PDF, and not to be turned into one."""
    chance = random.Random(f"quantities {contract.number} {month}")
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(("Date", "Area", "Crew", "Hours", "Quantity", "Unit"))
    start, end = project.period(month)
    for day in (start + timedelta(n) for n in range((end - start).days + 1)):
        if day.weekday() < 5:
            crew = chance.randint(4, 9)
            area = f"Level {chance.randint(1, 4)}, {chance.choice(('east', 'west', 'core'))}"
            table.writerow((day, area, crew, crew * 8, chance.randint(120, 860), "sq ft"))
    return out.getvalue().encode()


def mail(contract: Contract, day: date) -> bytes:
    """The message that the invoice came with, kept as text."""
    return (
        f"Date: {day:%a, %d %b %Y} 16:42\r\n"
        f"Subject: {project.NUMBER} {contract.number} – backup for this month\r\n\r\n"
        "Hi,\r\n\r\nhere is our backup for the month. The test report of the riser on level 3\r\n"
        f"comes next week, the rest is complete.\r\n\r\nRegards,\r\n{contract.company}\r\n"
    ).encode()


def damaged(whole: bytes) -> bytes:
    """A scan of which only the first line and a piece of the picture arrived: nothing to repair."""
    return whole[:9] + whole[len(whole) // 3 : len(whole) // 2]
