"""A project comes in from a workbook as it does from CSV files."""

# ruff: noqa: DTZ001  a spreadsheet knows no time zones
import shutil
import zipfile
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from billing import decimal_string
from models import Attachment, Contract, Invoice, InvoiceLine, Project, SovLine, db
from services.importing import ImportRefused, import_project
from services.importing.folder import read_folder, read_source
from services.importing.opening import opened
from services.importing.records import NAMES
from services.importing.workbook import ProjectWorkbook
from tests.test_importing import EXAMPLE
from tests.workbooks import book_of, column

DOCUMENTS = ("attachments", "signed")


@pytest.fixture
def book():
    return book_of(EXAMPLE)


@pytest.fixture
def place(tmp_path):
    """A folder with the files of the example's invoices, and nothing else yet."""
    for name in DOCUMENTS:
        if (EXAMPLE / name).exists():
            shutil.copytree(EXAMPLE / name, tmp_path / "project" / name)
    return tmp_path / "project"


@pytest.fixture
def save(book, place):
    def saved():
        path = place / "Library.xlsx"
        book.save(path)
        return path

    return saved


def read(path):
    with opened(path) as source:
        return read_source(source)


def problems(path):
    with pytest.raises(ImportRefused) as refused:
        read(path)
    return [str(problem) for problem in refused.value.problems]


def put(sheet, name, row, value, number_format=None):
    cell = sheet[f"{column(sheet, name)}{row}"]
    cell.value = value
    if number_format:
        cell.number_format = number_format
    return cell.coordinate


def test_a_workbook_with_its_folders_is_the_same_project_as_the_csv_files(context, save):
    expected = read_folder(EXAMPLE)
    found = read(save())
    assert found.project == expected.project
    assert found.tables == expected.tables
    assert [(d.place, d.name) for d in found.attachments] == [
        (d.place, d.name) for d in expected.attachments
    ]


@pytest.mark.parametrize("handed_in", ["workbook", "folder"])
def test_the_workbook_and_the_folder_around_it_both_import(context, save, handed_in):
    path = save()
    imported = import_project(path if handed_in == "workbook" else path.parent)
    assert (imported.number, len(imported.invoice_ids), imported.notes) == ("EX-1", 3, [])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 3


def test_a_zip_of_a_workbook_and_folders_imports(context, save, tmp_path):
    path = Path(shutil.make_archive(tmp_path / "all", "zip", save().parent.parent, "project"))
    assert import_project(path).number == "EX-1"


def test_a_workbook_and_a_zip_of_its_files_import(context, save, tmp_path):
    path = save()
    files = Path(shutil.make_archive(tmp_path / "files", "zip", path.parent, "attachments"))
    alone = shutil.copy(path, tmp_path / "Alone.xlsx")
    assert import_project(Path(alone), files).number == "EX-1"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 3


def test_typed_cells_become_the_text_that_csv_has(context, book, save):
    values, contracts, periods = (
        book["schedule_of_values"],
        book["contracts"],
        book["billing_periods"],
    )
    put(values, "scheduled_value", 2, 185000.5)
    put(values, "scheduled_value", 3, "1,234.50")
    put(values, "scheduled_value", 4, 0.1 + 0.2, "#,##0.00")
    put(values, "item", 2, 1, "000")
    put(contracts, "contract_date", 2, date(2026, 4, 20))
    put(contracts, "executed", 2, True)
    put(contracts, "work_retainage_percent", 2, 0.075, "0.0%")
    put(periods, "start", 2, datetime(2026, 5, 1))
    for row in book["invoice_lines"].iter_rows(min_row=2, max_row=20):
        if row[0].value == "SC-001" and row[2].value == "1" and not row[3].value:
            row[2].value = "001"
    found = read(save()).tables
    lines = found.lines.rows[:3]
    assert [line.scheduled_value for line in lines] == [185_000_50, 1_234_50, 30]
    assert lines[0].item == "001"
    contract = found.contracts.rows[0]
    assert (contract.contract_date, contract.executed) == (date(2026, 4, 20), True)
    assert contract.work_retainage_percent == 750
    assert found.periods.rows[0].start == date(2026, 5, 1)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("scheduled_value", 10.005, "“10.005” has more than two decimals."),
        ("scheduled_value", "ten", "“ten” is not an amount like 1,234.50."),
        ("scheduled_value", None, "the cell is empty."),
        ("scheduled_value", "=B2*2", "the formula in cell D3 has no saved value; open the "
         "workbook in a spreadsheet program and save it."),
        ("scheduled_value", "#REF!", "cell D3 holds the error #REF!."),
        ("scheduled_value", datetime(2026, 7, 1), "“2026-07-01” is not an amount like 1,234.50."),
        ("contract", 7, "sheet contracts has no contract “7”."),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_sheet_row_and_column(context, book, save, name, value, sentence):
    put(book["schedule_of_values"], name, 3, value)
    expected = f"sheet schedule_of_values, row 3, column {name}: {sentence}"
    assert expected in problems(save())


def test_a_formula_counts_as_the_value_that_was_saved_with_it(context, book, save):
    cell = put(book["schedule_of_values"], "scheduled_value", 3, "=B2*2")
    path = save()
    written, saved = f'<c r="{cell}"><f>B2*2</f><v', "<v>55000.25</v>"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    (name,) = [name for name, content in members.items() if written.encode() in content]
    text = members[name].decode()
    end = text.index("</c>", text.index(written))
    start = text.index("<v", text.index(written))
    members[name] = (text[:start] + saved + text[end:]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    assert read(path).tables.lines.rows[1].scheduled_value == 55_000_25


def test_empty_rows_and_odd_spellings_of_sheets_do_no_harm(context, book, save):
    book["schedule_of_values"].title = " Schedule of Values"
    book["project"].title = "facts"
    book["facts"].title = "PROJECT"
    book["contracts"].insert_rows(3)
    book["contracts"]["A500"].number_format = "0.00"
    assert read(save()).tables.contracts.rows[1].row == 4


def test_the_heading_of_the_project_sheet_may_be_left_out(context, book, save):
    book["project"].delete_rows(1)
    assert read(save()).project.number == "EX-1"


def test_what_is_wrong_with_the_project_sheet_is_named(context, book, save):
    sheet = book["project"]
    sheet["B2"] = None
    sheet.append(["colour", "red"])
    sheet.append(["name", "Twice"])
    sheet.append(["owner", "=A1"])
    last = sheet.max_row
    assert problems(save()) == [
        "sheet project, row 2, column number: the value is missing.",
        f"sheet project, row {last - 2}, column colour: there is no such key; the keys are number, "
        "name, timezone, owner, general_contractor, architect, address, dictionary, "
        "forbids_overbilling.",
        f"sheet project, row {last - 1}, column name: the key is there twice; first in row 3.",
        f"sheet project, row {last}, column owner: the formula in cell B{last} has no saved value; "
        "open the workbook in a spreadsheet program and save it.",
    ]


def test_missing_and_misspelled_sheets_are_named_and_others_noted(context, book, save):
    book["contracts"].title = "contract"
    book.create_sheet("Instructions")
    found = problems(save())
    assert "sheet contract: the import does not know this name; is contracts meant?" in found
    assert "sheet contracts: the sheet is missing." in found
    book["contract"].title = "contracts"
    assert read(save()).notes == ["sheet Instructions: ignored."]


def test_files_around_a_workbook_on_its_own_are_nobodys_business(context, save, tmp_path):
    path = save()
    (path.parent / "holiday.jpg").write_text("x")
    assert read(path).notes == []
    assert read(path.parent).notes == ["holiday.jpg: ignored."]
    (path.parent / "attachments").rename(path.parent / "attachment")
    sentence = "attachment: the import does not know this name; is attachments meant?"
    assert problems(path) == [sentence]


def test_two_workbooks_in_a_folder_are_one_too_many(context, save):
    path = save()
    shutil.copy(path, path.with_name("Other.xlsx"))
    assert problems(path.parent) == [
        "Library.xlsx, Other.xlsx: one workbook is expected, not several."
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this is no ZIP, or it is damaged."),
        (b"number,name", "this is no ZIP, or it is damaged."),
        (b"\xd0\xcf\x11\xe0" + b"x" * 600, "this workbook is protected by a password or in the "
         "format of old programs; save it as .xlsx without a password."),
    ],
)  # fmt: skip
def test_a_file_that_is_no_workbook_is_refused(context, tmp_path, content, sentence):
    path = tmp_path / "Book.xlsx"
    path.write_bytes(content)
    assert problems(path) == [f"Book.xlsx: {sentence}"]


def damaged(path, change):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


UNREADABLE = "the workbook cannot be read; open it in a spreadsheet program and save it again"


def test_a_workbook_without_its_parts_is_refused(context, save):
    path = damaged(save(), lambda members: members.pop("xl/workbook.xml"))
    assert problems(path) == [f"Library.xlsx: {UNREADABLE} as .xlsx."]


def test_a_sheet_with_entities_is_refused(context, save):
    def explode(members):
        sheet = members["xl/worksheets/sheet2.xml"].decode()
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        members["xl/worksheets/sheet2.xml"] = f"{bomb}{sheet}".encode()

    path = damaged(save(), explode)
    assert any(UNREADABLE in problem for problem in problems(path))


def test_a_member_that_blows_up_is_refused(context, save):
    def inflate(members):
        members["xl/media/image.bin"] = b"\0" * 30_000_000

    assert problems(damaged(save(), inflate)) == [
        "Library.xlsx: xl/media/image.bin: it unpacks to more than 300 times its size; no honest "
        "file does."
    ]


def test_a_workbook_of_too_many_cells_is_refused(context, save):
    path = save()
    book = ProjectWorkbook(path, path.parent, NAMES, is_own_folder=True, budget=40)
    with pytest.raises(ImportRefused) as refused:
        read_source(book)
    assert "the workbook has more than" in str(refused.value.problems[0])


def test_rows_beyond_the_last_of_any_program_are_refused(context, save):
    def jump(members):
        name = "xl/worksheets/sheet2.xml"
        members[name] = members[name].replace(b'<row r="3"', b'<row r="999999999999"')

    found = problems(damaged(save(), jump))
    assert any(
        "the workbook has more than" in problem or UNREADABLE in problem for problem in found
    )


@given(
    cents=st.integers(-(10**12), 10**12),
    day=st.dates(date(1950, 1, 1), date(2150, 12, 31)),
    percent=st.integers(0, 10_000),
)
@settings(max_examples=40, deadline=None)
def test_every_amount_day_and_percent_survives_a_spreadsheet(cents, day, percent):
    book = book_of(EXAMPLE)
    put(book["schedule_of_values"], "scheduled_value", 2, float(Decimal(cents) / 100))
    put(book["schedule_of_values"], "scheduled_value", 3, decimal_string(cents))
    put(book["contracts"], "contract_date", 2, day)
    put(book["contracts"], "work_retainage_percent", 2, percent / 10_000, "0.00%")
    put(book["contracts"], "stored_retainage_percent", 2, percent / 100)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "Book.xlsx"
        book.save(path)
        found = read(path).tables
    assert [line.scheduled_value for line in found.lines.rows[:2]] == [cents, cents]
    contract = found.contracts.rows[0]
    assert contract.contract_date == day
    assert contract.work_retainage_percent == contract.stored_retainage_percent == percent


def test_a_time_of_day_is_no_day(context, book, save):
    put(book["billing_periods"], "start", 2, datetime(2026, 6, 1, 8, 30))
    put(book["billing_periods"], "end", 2, time(8, 30))
    found = problems(save())
    where = "sheet billing_periods, row 2, column"
    assert f"{where} start: “2026-06-01 08:30:00” is not a date like 2026-08-31." in found
    assert f"{where} end: “08:30:00” is not a date like 2026-08-31." in found


def test_everything_of_a_workbook_is_stored(context, save):
    import_project(save())
    counts = [
        db.session.scalar(sa.select(sa.func.count()).select_from(model))
        for model in (Project, Contract, SovLine, Invoice, InvoiceLine)
    ]
    assert counts == [1, 2, 5, 3, 5]


def test_the_command_takes_a_workbook(app, save):
    result = app.test_cli_runner().invoke(args=["project", "import", str(save())])
    assert (result.exit_code, result.stdout) == (0, "EX-1\n")


def test_an_empty_workbook_lacks_everything(context, tmp_path):
    path = tmp_path / "Empty.xlsx"
    Workbook().save(path)
    assert problems(path)[:2] == [
        "sheet project: the sheet is missing.",
        "sheet contracts: the sheet is missing.",
    ]
