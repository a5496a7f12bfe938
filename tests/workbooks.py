"""Projects as workbooks, for the tests of imports."""

import csv
import tomllib

from openpyxl import Workbook

TABLES = (
    "contracts",
    "schedule_of_values",
    "change_orders",
    "change_order_lines",
    "billing_periods",
    "invoices",
    "invoice_lines",
    "files",
)


def book_of(folder):
    """The tables of a project folder as sheets, every cell as its text."""
    book = Workbook()
    sheet = book.active
    sheet.title = "project"
    sheet.append(["key", "value"])
    for pair in tomllib.loads((folder / "project.toml").read_text()).items():
        sheet.append(pair)
    for name in TABLES:
        if (folder / f"{name}.csv").exists():
            sheet = book.create_sheet(name)
            with (folder / f"{name}.csv").open(newline="") as table:
                for row in csv.reader(table):
                    sheet.append([cell or None for cell in row])
    return book


def column(sheet, name):
    """The letter of a column by its heading."""
    return next(cell.column_letter for cell in sheet[1] if cell.value == name)
