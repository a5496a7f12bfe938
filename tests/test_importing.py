"""A project folder comes in whole, or not at all with every mistake named."""

import csv
import os
import shutil
import unicodedata
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from billing import decimal_string
from models import (
    Access,
    Attachment,
    Backup,
    BackupStatus,
    Base,
    BillingPeriod,
    ChangeOrder,
    Company,
    Contract,
    Dictionary,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Membership,
    PeriodStatus,
    Project,
    Signature,
    SovLine,
    StoredFile,
    User,
    db,
)
from services import sheets, storage
from services.backups import places
from services.importing import ImportRefused, ProjectBusy, ProjectExists, import_project
from services.importing.folder import read_folder
from tests.databases import refuse_rows_of

EXAMPLE = Path(__file__).parent.parent / "docs" / "example-project"


@pytest.fixture
def folder(tmp_path):
    """A copy of the example to spoil."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "folder"))


def change(folder, file, old, new):
    path = folder / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def append(folder, file, *rows):
    with (folder / file).open("a") as table:
        table.writelines(f"{row}\n" for row in rows)


def problems(folder):
    """The lines of the refusal, after checking that nothing was stored."""
    with pytest.raises(ImportRefused) as refused:
        import_project(folder)
    assert rows() == {}
    return [str(problem) for problem in refused.value.problems]


def rows():
    """How many rows each table has, without empty ones and users."""
    counts = {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }
    db.session.rollback()
    return {
        name: count
        for name, count in counts.items()
        if count and name not in {"user", "audit_entry"}
    }


def one(model, **values):
    return db.session.scalars(sa.select(model).filter_by(**values)).one()


def test_the_example_of_the_documentation_comes_in(context):
    imported = import_project(EXAMPLE)
    assert imported.number == "EX-1"
    assert imported.notes == []
    assert len(imported.invoice_ids) == 3
    assert len(imported.files) == 3
    assert rows() == {
        "project": 1,
        "company": 2,
        "contract": 2,
        "change_order": 2,
        "sov_line": 5,
        "billing_period": 2,
        "invoice": 3,
        "invoice_line": 5,
        "stored_file": 3,
        "attachment": 3,
    }


def test_every_column_of_the_example_arrives(context):
    import_project(EXAMPLE)
    project = one(Project)
    assert (project.name, project.timezone) == ("Library Annex", "America/New_York")
    assert project.owner == "Town of Elmsford"
    assert project.general_contractor == "Birch & Calder Builders"
    assert project.architect == "Studio Ferro"
    assert project.address == "14 Orchard Street, Elmsford, NY 10523"
    assert project.dictionary == Dictionary.GENERAL_CONTRACTORS

    concrete, windows = one(Contract, number="SC-001"), one(Contract, number="PO-7/A")
    assert concrete.company.name == "Norton Footings, Inc."
    assert concrete.company.address == "8 Quarry Road, Hawthorne, NY 10532"
    assert (concrete.executed, concrete.contract_date.isoformat()) == (True, "2026-04-20")
    assert (concrete.work_retainage_rate, concrete.stored_retainage_rate) == (1000, 1000)
    assert (windows.type, windows.status, windows.executed) == (
        "purchase_order",
        "submitted",
        False,
    )
    assert (windows.work_retainage_rate, windows.stored_retainage_rate) == (500, 0)
    assert [line.description for line in windows.lines] == [
        "Windows, 12 pieces, delivered",
        "Freight",
    ]

    first = one(Invoice, contract_id=concrete.id, position=1)
    second = one(Invoice, contract_id=concrete.id, position=2)
    assert (first.number, first.status) == ("NF-118", InvoiceStatus.APPROVED)
    assert first.billing_date.isoformat() == "2026-05-24"
    assert first.period.due.isoformat() == "2026-05-25"
    assert first.period.status == PeriodStatus.CLOSED
    assert second.comments.splitlines() == [
        "Nothing was poured in June.",
        "The inspector comes on July 2.",
    ]


def test_the_published_invoice_has_its_published_totals_after_an_import(context):
    import_project(EXAMPLE)
    contract = one(Contract, number="SC-001")
    invoice = one(Invoice, contract_id=contract.id, position=2)
    assert invoice.contract_sum_to_date == 55_000_00
    assert invoice.completed_and_stored == 53_000_00
    assert invoice.total_retainage == 5_300_00
    assert invoice.earned_less_retainage == 47_700_00
    assert invoice.payment_due == 0
    assert invoice.balance_to_finish == 7_300_00
    summary = sheets.of_contract(contract.id)[2].summary
    assert str(summary.percent_complete) == "96.36"


def test_stored_material_over_two_periods_comes_in_as_published(context, folder):
    """docs/domain.md 26."""
    shutil.rmtree(folder / "attachments")
    for file, text in {
        "contracts.csv": "number,title,company\nSC-1,Steel,Steel Inc.\n",
        "schedule_of_values.csv": (
            "contract,item,description,scheduled_value\nSC-1,1,Steel,12500.00\n"
        ),
        "invoices.csv": (
            "contract,position,period_start,period_end\n"
            "SC-1,1,2026-05-01,2026-05-31\nSC-1,2,2026-06-01,2026-06-30\n"
        ),
        "invoice_lines.csv": (
            "contract,position,item,work_this_period,new_stored,stored_installed\n"
            'SC-1,1,1,0,"2,000.00",\nSC-1,2,1,"1,000.00",2500,1000.00\n'
        ),
    }.items():
        (folder / file).write_text(text)
    (folder / "change_orders.csv").unlink()
    (folder / "change_order_lines.csv").unlink()
    import_project(folder)
    line = sheets.of_contract(one(Contract).id)[2].lines[0]
    assert decimal_string(line.materials_presently_stored) == "3500.00"
    assert decimal_string(line.total_completed_and_stored_to_date) == "4500.00"
    assert str(line.total_completed_and_stored_to_date_percent) == "36.00"
    assert decimal_string(line.balance_to_finish) == "8000.00"


def test_attachments_come_in_the_natural_order_of_their_names(context, folder):
    place = folder / "attachments" / "PO-7_A" / "1"
    for name in ("b10.txt", "b9.txt", "b09.txt", "1.txt", "02.txt"):
        (place / name).write_text(name)
    import_project(folder)
    contract = one(Contract, number="PO-7/A")
    invoice = one(Invoice, contract_id=contract.id)
    order = sa.select(Attachment).filter_by(invoice_id=invoice.id).order_by(Attachment.position)
    attachments = db.session.scalars(order).all()
    assert [a.name for a in attachments] == [
        "1.txt", "02.txt", "Packing list.pdf", "b09.txt", "b9.txt", "b10.txt",
    ]  # fmt: skip
    assert [a.position for a in attachments] == [1, 2, 3, 4, 5, 6]
    assert storage.original(attachments[0].sha256).read_text() == "1.txt"


def test_a_signed_copy_comes_in_as_a_completed_signature(context, folder):
    signed = folder / "signed" / "PO-7_A"
    signed.mkdir(parents=True)
    (signed / "1.PDF").write_bytes(b"%PDF-1.7 signed")
    import_project(folder)
    signature = one(Signature)
    assert (signature.status, signature.name) == ("completed", "1.PDF")
    assert storage.original(signature.sha256).read_bytes() == b"%PDF-1.7 signed"


def test_the_same_bytes_twice_are_one_file(context, folder):
    for contract in ("PO-7_A", "SC-001"):
        (folder / "attachments" / contract / "1" / "same.txt").write_text("same")
    imported = import_project(folder)
    assert len(imported.files) == len(set(imported.files)) == 4
    assert rows()["attachment"] == 5
    assert rows()["stored_file"] == 4


def test_an_empty_file_comes_in_for_preflight_to_find(context, folder):
    (folder / "attachments" / "SC-001" / "1" / "scan.pdf").write_bytes(b"")
    import_project(folder)
    assert one(StoredFile, size=0).sha256 == one(Attachment, name="scan.pdf").sha256


def test_what_computers_leave_in_folders_is_ignored_and_said_so(context, folder):
    place = folder / "attachments" / "SC-001" / "1"
    for litter in (folder / ".DS_Store", place / "Thumbs.db", place / "~$list.xlsx"):
        litter.write_bytes(b"x")
    (folder / "README.txt").write_text("x")
    assert import_project(folder).notes == [
        ".DS_Store: ignored.",
        "README.txt: ignored.",
        "attachments/SC-001/1/Thumbs.db: ignored.",
        "attachments/SC-001/1/~$list.xlsx: ignored.",
    ]
    assert rows()["attachment"] == 3


def test_only_the_files_that_say_who_and_when_are_needed(context, folder):
    for name in ("change_orders", "change_order_lines", "invoices", "invoice_lines"):
        (folder / f"{name}.csv").unlink()
    shutil.rmtree(folder / "attachments")
    import_project(folder)
    assert rows() == {
        "project": 1,
        "company": 2,
        "contract": 2,
        "sov_line": 3,
        "billing_period": 2,
    }


def test_an_invoice_may_have_no_period_and_positions_may_have_gaps(context, folder):
    append(folder, "invoices.csv", "SC-001,7,,,,,,")
    import_project(folder)
    invoice = one(Invoice, position=7)
    assert (invoice.period_id, invoice.status, invoice.label) == (None, "draft", "7")


def test_the_order_of_columns_a_bom_windows_lines_and_blank_rows_do_not_matter(context, folder):
    (folder / "billing_periods.csv").write_bytes(
        b"\xef\xbb\xbfstatus, end ,start,due,\r\n"
        b"closed,2026-05-31,2026-05-01,,\r\n\r\n,,,,\r\n"
        b'"open",2026-06-30,2026-06-01,2026-06-25,\r\n'
    )
    import_project(folder)
    periods = db.session.scalars(sa.select(BillingPeriod).order_by(BillingPeriod.start)).all()
    assert [(p.start.month, p.status, p.due and p.due.day) for p in periods] == [
        (5, "closed", None),
        (6, "open", 25),
    ]


def test_an_entry_keeps_amount_and_percent_as_given(context, folder):
    change(
        folder,
        "invoice_lines.csv",
        "new_stored\n",
        "new_stored,work_retainage_percent,work_retainage,stored_retainage_percent\n",
    )
    append(folder, "invoice_lines.csv", "PO-7/A,1,2,,(12.50),,7.25,-0.91,0")
    import_project(folder)
    entry = one(InvoiceLine, work_this_period=-12_50)
    assert (entry.work_retainage_rate, entry.work_retainage) == (725, -91)
    assert (entry.stored_retainage_rate, entry.stored_retainage) == (0, None)
    untouched = one(InvoiceLine, work_this_period=51_000_00)
    assert (untouched.work_retainage_rate, untouched.work_retainage) == (None, None)


def test_a_company_with_two_addresses_keeps_the_first_and_says_so(context, folder):
    append(folder, "contracts.csv", "SC-9,Doors,Clearline Glass,,,,,4 New Street,,")
    append(folder, "contracts.csv", "SC-10,Locks,Clearline Glass,,,,,9 Other Road,,")
    assert import_project(folder).notes == [
        "contracts.csv, row 5, column address: Clearline Glass keeps the address of an earlier row."
    ]
    assert one(Company, name="Clearline Glass").address == "4 New Street"


STATUSES_OF_A_SUBCONTRACT = (
    "draft, out_for_bid, out_for_signature, approved, complete, terminated or void"
)
#: File, what to replace in it, by what, and what is said then.
MISTAKES = [
    ("project.toml", 'number = "EX-1"', "number = 1",
     'project.toml, column number: expected text in quotes, such as number = "1".'),
    ("project.toml", 'name = "Library Annex"', 'name = " "',
     "project.toml, column name: the value is missing."),
    ("project.toml", "owner", "client",
     "project.toml, column client: there is no such key; the keys are number, name, timezone, "
     "owner, general_contractor, architect, address, dictionary, forbids_overbilling."),
    ("project.toml", "America/New_York", "America/Gotham",
     "project.toml, column timezone: “America/Gotham” is not a time zone like America/Chicago."),
    ("project.toml", '"general_contractors"', '"subs"',
     "project.toml, column dictionary: “subs” is not general_contractors, owners or "
     "specialty_contractors."),
    ("project.toml", '"EX-1"', f'"{"9" * 61}"',
     f"project.toml, column number: “{'9' * 60}…” has 61 characters; the limit is 60."),
    ("contracts.csv", "number,", "Number,",
     "contracts.csv, row 1, column Number: there is no such column; the columns are number, title, "
     "company, type, status, executed, contract_date, address, work_retainage_percent, "
     "stored_retainage_percent, accounting_method, description, inclusions, exclusions, "
     "start_date, estimated_completion, execution_date, signed_received_date, payment_terms, "
     "invoices_enabled, private, folder."),
    ("contracts.csv", "number,", "title,",
     "contracts.csv, row 1, column title: the column is there twice."),
    ("billing_periods.csv", "start,end", "begin,end",
     "billing_periods.csv, row 1, column start: the column is missing."),
    ("contracts.csv", "subcontract,approved", "subcontract,received",
     "contracts.csv, row 2, column status: “received” is not a status of a subcontract: "
     f"{STATUSES_OF_A_SUBCONTRACT}."),
    ("contracts.csv", "purchase_order", "order",
     "contracts.csv, row 3, column type: “order” is not subcontract or purchase_order."),
    ("contracts.csv", "approved,yes", "approved,maybe",
     "contracts.csv, row 2, column executed: “maybe” is not yes or no."),
    ("contracts.csv", "2026-04-20", "4/20/2026",
     "contracts.csv, row 2, column contract_date: “4/20/2026” is not a date like 2026-08-31."),
    ("contracts.csv", "2026-04-20", "2026-02-30",
     "contracts.csv, row 2, column contract_date: “2026-02-30” is not a day of the calendar."),
    ("contracts.csv", ",10,10", ",110,10",
     "contracts.csv, row 2, column work_retainage_percent: “110” is not a percent from 0 to 100."),
    ("contracts.csv", ",10,10", ",10,7.125",
     "contracts.csv, row 2, column stored_retainage_percent: “7.125” has more than two decimals; "
     "expected a percent like 7.25."),
    ("contracts.csv", "Reading room windows", "",
     "contracts.csv, row 3, column title: the cell is empty."),
    ("contracts.csv", "Reading room windows", '"Reading\nroom"',
     "contracts.csv, row 3, column title: “Reading�room” is not one line of text."),
    ("contracts.csv", ",,,5,", ",,,5,,,surplus",
     "contracts.csv, row 3: “surplus” stands beyond the last column."),
    ("contracts.csv", "PO-7/A,", "SC-001,",
     "contracts.csv, row 3, column number: contract SC-001 is listed twice; first in row 2."),
    ("schedule_of_values.csv", '"50,000.00"', "fifty",
     "schedule_of_values.csv, row 2, column scheduled_value: “fifty” is not an amount like "
     "1,234.50."),
    ("schedule_of_values.csv", "480.00", "480.005",
     "schedule_of_values.csv, row 4, column scheduled_value: “480.005” has more than two "
     "decimals."),
    ("schedule_of_values.csv", "PO-7/A,2", "PO-7/A,1",
     "schedule_of_values.csv, row 4, column item: item 1 is listed twice; first in row 3."),
    ("schedule_of_values.csv", "PO-7/A,2", "PO-8,2",
     "schedule_of_values.csv, row 4, column contract: contracts.csv has no contract “PO-8”."),
    ("change_orders.csv", "SC-001,2", "SC-001,1",
     "change_orders.csv, row 3, column number: change order 1 is listed twice; first in row 2."),
    ("change_orders.csv", "pending", "void",
     "change_orders.csv, row 3, column status: “void” is not approved, pending, draft or "
     "rejected."),
    ("change_order_lines.csv", "SC-001,2,1", "SC-001,3,1",
     "change_order_lines.csv, row 3, column change_order: change_orders.csv has no change order "
     "“3” of this contract."),
    ("billing_periods.csv", "closed", "open",
     "billing_periods.csv, row 3, column status: only one period may be open, and that of row 2 "
     "is."),
    ("invoices.csv", "SC-001,2", "SC-001,0",
     "invoices.csv, row 3, column position: “0” is not a whole number from 1 to 100,000."),
    ("invoices.csv", "SC-001,2", "SC-001,1",
     "invoices.csv, row 3, column position: invoice 1 is listed twice; first in row 2."),
    ("invoices.csv", "NF-118,2026-05-01", "NF-118,",
     "invoices.csv, row 2, column period_start: the cell is empty; give both days of the period, "
     "or neither."),
    ("invoices.csv", "NF-118,2026-05-01", "NF-118,2026-05-02",
     "invoices.csv, row 2, column period_start: billing_periods.csv does not list a period from "
     "2026-05-02 to 2026-05-31."),
    ("invoices.csv", "draft", "paid",
     "invoices.csv, row 4, column status: “paid” is not draft, under_review, revise_and_resubmit, "
     "approved, approved_as_noted or pending_owner_approval."),
    ("invoice_lines.csv", "PO-7/A,1,1", "PO-7/A,2,1",
     "invoice_lines.csv, row 6, column position: invoices.csv has no invoice 2 of contract "
     "PO-7/A."),
    ("invoice_lines.csv", "PO-7/A,1,1", "PO-7/A,1,9",
     "invoice_lines.csv, row 6, column item: schedule_of_values.csv has no item “9” of this "
     "contract."),
    ("invoice_lines.csv", "SC-001,1,1,1", "SC-001,1,1,2",
     "invoice_lines.csv, row 3, column change_order: change order 2 is pending; only an approved "
     "one is billed."),
    ("invoice_lines.csv", "SC-001,1,1,1", "SC-001,1,5,1",
     "invoice_lines.csv, row 3, column item: change_order_lines.csv has no item “5” of change "
     "order 1."),
    ("invoice_lines.csv", "SC-001,1,1,1", "SC-001,1,1,",
     "invoice_lines.csv, row 3, column item: item 1 of invoice 1 is listed twice; first in "
     "row 2."),
    ("invoice_lines.csv", ",51000.00,", ",,",
     "invoice_lines.csv, row 2, column work_this_period: the cell is empty."),
]  # fmt: skip


def test_a_bad_date_of_a_period_is_reported_once(context, folder):
    change(folder, "billing_periods.csv", "2026-05-31", "2026-05-32")
    assert problems(folder) == [
        "billing_periods.csv, row 2, column end: “2026-05-32” is not a day of the calendar."
    ]


def test_a_bad_position_of_an_invoice_is_reported_once(context, folder):
    change(folder, "invoices.csv", "SC-001,2,", "SC-001,two,")
    found = problems(folder)
    assert [line for line in found if "invoice_lines" in line] == []
    assert "invoices.csv, row 3, column position" in found[0]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake[-1][:60])
def test_a_mistake_is_named_with_file_row_and_column(context, folder, mistake):
    file, old, new, sentence = mistake
    change(folder, file, old, new)
    assert sentence in problems(folder)


def test_a_period_that_ends_before_it_starts_is_refused(context, folder):
    append(folder, "billing_periods.csv", "2026-07-31,2026-07-01,,closed")
    assert problems(folder) == [
        "billing_periods.csv, row 4, column end: the period ends on 2026-07-01, before it starts."
    ]


def test_a_period_that_is_listed_twice_is_refused(context, folder):
    append(folder, "billing_periods.csv", "2026-05-01,2026-05-31,,closed")
    assert problems(folder) == [
        "billing_periods.csv, row 4, column end: 2026-05-01 to 2026-05-31 is listed twice; first "
        "in row 2."
    ]


def test_two_contracts_with_one_folder_are_refused(context, folder):
    append(folder, "contracts.csv", "PO-7_A,Doors,Clearline Glass,,,,,,,")
    assert problems(folder) == [
        "contracts.csv, row 4, column number: contract PO-7/A of row 3 has the folder PO-7_A too."
    ]


def test_sums_beyond_what_can_be_kept_exactly_are_refused(context, folder):
    append(folder, "schedule_of_values.csv", *(f"SC-001,X{n},Gold,60e12" for n in range(2)))
    assert len(problems(folder)) == 2
    path = folder / "schedule_of_values.csv"
    path.write_text(path.read_text().replace("60e12", "60000000000000"))
    assert problems(folder) == [
        "schedule_of_values.csv, row 6, column scheduled_value: the amounts of contract SC-001 add "
        "up to more than 90,000,000,000,000.00."
    ]


def test_all_mistakes_are_listed_at_once_in_the_order_of_the_files(context, folder):
    change(folder, "invoice_lines.csv", "SC-001,2,1,,0.00", "SC-001,2,1,,zero")
    change(folder, "contracts.csv", "approved,yes", "approved,oui")
    change(folder, "invoices.csv", "PO-7/A,1,,", "PO-99,1,,")
    (folder / "attachments" / "Archive").mkdir()
    places = [line.partition(": ")[0] for line in problems(folder)]
    assert places == [
        "contracts.csv, row 2, column executed",
        "invoices.csv, row 4, column contract",
        "invoice_lines.csv, row 4, column work_this_period",
        "invoice_lines.csv, row 6, column position",
        "attachments/Archive",
        "attachments/PO-7_A/1",
    ]


def test_a_table_that_cannot_be_read_is_one_mistake_and_not_a_hundred(context, folder):
    (folder / "contracts.csv").unlink()
    (folder / "project.toml").unlink()
    assert problems(folder) == [
        "project.toml: the file is missing.",
        "contracts.csv: the file is missing.",
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "the first row is empty; expected the columns start, end, due, status."),
        (b"start;end;status\n", "row 1: the columns are not separated by commas."),
        ("start,end,status\n".encode("utf-16"), "the file is UTF-16; save it as CSV in UTF-8."),
        (b"start,end\n\xff\n", "row 2: the text is not UTF-8; save the file as CSV in UTF-8."),
        (b"start,end,status\n1\x002\n", "row 2: there is a zero byte, which no text has."),
        (
            b'start,end,status\n2026-05-01,2026-05-31,"closed\n',
            "row 2: the quotes do not match; write a quote inside a quoted cell twice.",
        ),
        (
            b'start,end,status\n2026-05-01,2026-05-31,"clo"sed\n',
            "row 2: the quotes do not match; write a quote inside a quoted cell twice.",
        ),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(context, folder, content, sentence):
    (folder / "billing_periods.csv").write_bytes(content)
    (line,) = problems(folder)
    assert line.startswith("billing_periods.csv")
    assert line.endswith(sentence)


def test_a_project_file_that_is_no_toml_is_refused(context, folder):
    (folder / "project.toml").write_text("number: EX-1\n")
    (line,) = problems(folder)
    assert line.startswith("project.toml: this is not TOML: ")
    assert "line 1" in line


def test_names_nearly_right_are_refused_and_foreign_tables_too(context, folder):
    (folder / "change_orders.csv").rename(folder / "change_order.csv")
    (folder / "change_order_lines.csv").unlink()
    change(folder, "invoice_lines.csv", "SC-001,1,1,1,1000.00,500.00\n", "")
    change(folder, "invoice_lines.csv", "SC-001,2,1,1,0.00,0.00\n", "")
    (folder / "receipts.csv").write_text("x")
    lines = problems(folder)
    assert lines[0] == (
        "change_order.csv: the import does not know this name; is change_orders.csv meant?"
    )
    assert lines[1].startswith("receipts.csv: the import does not know this table; it knows ")


def test_files_that_belong_to_nothing_are_named(context, folder):
    attachments = folder / "attachments"
    (attachments / "SC-404" / "1").mkdir(parents=True)
    (attachments / "SC-001" / "9").mkdir()
    (attachments / "SC-001" / "May").mkdir()
    (attachments / "SC-001" / "01").mkdir()
    (attachments / "PO-7_A" / "1" / "deeper").mkdir()
    (attachments / "PO-7_A" / "scan.pdf").write_text("x")
    signed = folder / "signed" / "SC-001"
    signed.mkdir(parents=True)
    (signed / "first.pdf").write_text("x")
    (signed / "8.pdf").write_text("x")
    assert problems(folder) == [
        "attachments/PO-7_A/1/deeper: this is not a regular file.",
        "attachments/PO-7_A/scan.pdf: expected a folder named after the position of an invoice.",
        "attachments/SC-001/1: “01” is a folder of the same invoice.",
        "attachments/SC-001/9: contract SC-001 has no invoice 9 in invoices.csv.",
        "attachments/SC-001/May: expected a folder named after the position of an invoice.",
        "attachments/SC-404: there is no contract of this number in contracts.csv.",
        "signed/SC-001/8.pdf: contract SC-001 has no invoice 8 in invoices.csv.",
        "signed/SC-001/first.pdf: expected a file like 3.pdf, named after an invoice.",
    ]


def test_links_may_not_leave_the_folder(context, folder, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "elsewhere").mkdir()
    place = folder / "attachments" / "SC-001" / "1"
    (place / "secret.pdf").symlink_to(tmp_path / "secret.txt")
    (place / "broken.pdf").symlink_to("nowhere.pdf")
    (folder / "attachments" / "SC-001" / "2").symlink_to(tmp_path / "elsewhere")
    (folder / "change_orders.csv").unlink()
    (folder / "change_orders.csv").symlink_to("/etc/hostname")
    assert problems(folder) == [
        "change_orders.csv: the link leaves the project folder.",
        "attachments/SC-001/1/broken.pdf: the link leads nowhere.",
        "attachments/SC-001/1/secret.pdf: the link leaves the project folder.",
        "attachments/SC-001/2: the link leaves the project folder.",
    ]


def test_a_link_inside_the_folder_is_followed(context, folder):
    place = folder / "attachments" / "SC-001" / "1"
    (place / "again.pdf").symlink_to(place / "10 Conditional waiver.pdf")
    import_project(folder)
    assert one(Attachment, name="again.pdf").sha256 == (
        one(Attachment, name="10 Conditional waiver.pdf").sha256
    )


def test_pipes_and_names_that_are_no_text_are_refused(context, folder):
    place = folder / "attachments" / "SC-001" / "1"
    os.mkfifo(place / "pipe.pdf")
    (place / os.fsdecode(b"r\xe9sum\xe9.pdf")).write_text("x")
    (place / "two\nlines.pdf").write_text("x")
    assert problems(folder) == [
        "attachments/SC-001/1/pipe.pdf: this is not a regular file.",
        "attachments/SC-001/1/r�sum�.pdf: the name of the file is not UTF-8.",
        "attachments/SC-001/1/two�lines.pdf: the name cannot be kept: “two�lines.pdf” is not one "
        "line of text.",
    ]


def test_a_path_that_is_no_folder_is_refused(context, tmp_path):
    assert problems(tmp_path / "none") == [
        f"{tmp_path}/none: does not exist; expected a project folder, a workbook "
        "(.xlsx) or a ZIP of either."
    ]
    (tmp_path / "file").write_text("x")
    assert problems(tmp_path / "file") == [
        "file: this is none; expected a project folder, a workbook (.xlsx) or a ZIP of either."
    ]


def test_a_second_import_is_refused_and_changes_nothing(context, folder):
    import_project(folder)
    before = rows()
    change(folder, "project.toml", "Library Annex", "Another name")
    with pytest.raises(ProjectExists, match=r"^Project EX-1 exists; nothing was changed\. Use --r"):
        import_project(folder)
    assert rows() == before
    assert one(Project).name == "Library Annex"


def test_replace_keeps_the_project_and_its_members_and_nothing_else(context, folder, alice):
    first = import_project(folder)
    db.session.add(Membership(user_id=alice, project_id=first.project_id, access=Access.ADMIN))
    db.session.commit()
    before = rows()
    change(folder, "project.toml", "Library Annex", "Library Annex, phase 2")
    change(folder, "contracts.csv", "Foundations", "Foundations and slab")
    second = import_project(folder, replace=True)
    assert second.project_id == first.project_id
    assert rows() == before
    assert one(Project).name == "Library Annex, phase 2"
    assert one(Contract, number="SC-001").title == "Foundations and slab"
    assert one(Membership).user_id == alice


def test_replace_leaves_other_projects_alone(context, folder):
    import_project(folder)
    change(folder, "project.toml", "EX-1", "EX-2")
    import_project(folder)
    before = rows()
    import_project(folder, replace=True)
    assert rows() == before


def test_replace_takes_finished_backups_with_it_and_says_how_many(context, folder):
    project_id = import_project(folder).project_id
    backup = make_backup(project_id, BackupStatus.DONE, path="backups/1/July.pdf")
    db.session.add(backup)
    db.session.commit()
    made = places.folder(backup.id)
    made.mkdir()
    (made / "July.pdf").write_bytes(b"%PDF-1.7")
    (made / "July.json").write_text("{}")
    imported = import_project(folder, replace=True)
    assert imported.notes == ["1 finished backup of the replaced project went with it."]
    assert "backup" not in rows()
    assert not made.exists()


@pytest.mark.parametrize("status", [BackupStatus.QUEUED, BackupStatus.RUNNING])
def test_replace_waits_for_a_backup_in_the_making(context, folder, status):
    db.session.add(make_backup(import_project(folder).project_id, status))
    db.session.commit()
    before = rows()
    with pytest.raises(ProjectBusy, match=r"^Backup 1 of project EX-1 is being compiled"):
        import_project(folder, replace=True)
    assert rows() == before


def test_replace_keeps_a_backup_that_is_held(context, folder):
    held = make_backup(import_project(folder).project_id, BackupStatus.DONE, "backups/1/a.pdf")
    held.is_kept = True
    db.session.add(held)
    db.session.commit()
    with pytest.raises(ProjectBusy, match=r"^Backup 1 of project EX-1 is held"):
        import_project(folder, replace=True)


def make_backup(project_id, status, path=None):
    done = {"path": path, "sha256": "0" * 64, "manifest": {}} if path else {}
    return Backup(project_id=project_id, number=1, request={}, status=status, **done)


def test_a_failed_replacement_leaves_the_old_project(context, folder):
    import_project(folder)
    before = rows()
    change(folder, "contracts.csv", "approved,yes", "approved,oui")
    with pytest.raises(ImportRefused):
        import_project(folder, replace=True)
    assert rows() == before


def test_a_failure_of_the_database_half_way_leaves_nothing(context, folder):
    """The last rows to be written are the signatures; here their table refuses them."""
    signed = folder / "signed" / "SC-001"
    signed.mkdir(parents=True)
    (signed / "1.pdf").write_bytes(b"%PDF-1.7")
    refuse_rows_of("signature", "disk full")
    with pytest.raises(sa.exc.IntegrityError, match="disk full"):
        import_project(folder)
    assert rows() == {}


def test_a_large_invoice_is_written_many_lines_at_a_time(context, folder):
    shutil.rmtree(folder / "attachments")
    items = range(1000, 6000)
    append(folder, "schedule_of_values.csv", *(f"SC-001,{n},Part {n},100.00," for n in items))
    append(folder, "invoice_lines.csv", *(f"SC-001,2,{n},,1.00," for n in items))
    batches = []

    def note(*event):
        statement, is_many = event[2], event[-1]
        if statement.startswith("INSERT INTO invoice_line "):
            batches.append(is_many)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    import_project(folder)
    sa.event.remove(db.engine, "before_cursor_execute", note)
    assert rows()["invoice_line"] == 5_005
    assert batches == [True]


TABLES = sorted(path.name for path in EXAMPLE.iterdir() if path.is_file())
LINES = st.lists(
    st.one_of(
        st.sampled_from((EXAMPLE / "invoices.csv").read_bytes().splitlines()),
        st.binary(max_size=60),
    )
)


def test_a_column_is_named_on_one_line_whatever_its_name(folder):
    (folder / "billing_periods.csv").write_text(f'start,"June,\nday {"1" * 60}"\n')
    with pytest.raises(ImportRefused) as refused:
        read_folder(folder)
    said = [str(problem) for problem in refused.value.problems]
    assert [each.partition(":")[0] for each in said if "no such column" in each] == [
        f"billing_periods.csv, row 1, column June,�day {'1' * 50}…"
    ]


@given(file=st.sampled_from(TABLES), lines=LINES)
@settings(max_examples=60, deadline=None)
def test_no_bytes_in_any_table_do_worse_than_being_refused(file, lines):
    with TemporaryDirectory() as place:
        folder = Path(shutil.copytree(EXAMPLE, Path(place) / "folder"))
        (folder / file).write_bytes(b"\n".join(lines))
        problems = ()
        try:
            read_folder(folder)
        except ImportRefused as refused:
            problems = refused.problems
        assert not any("\n" in str(problem) for problem in problems)


ONE_LINE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=80)


@given(title=ONE_LINE, cents=st.integers(-(10**12), 10**12))
@settings(max_examples=40, deadline=None)
def test_what_a_spreadsheet_writes_is_read_as_it_was_meant(title, cents):
    with TemporaryDirectory() as place:
        folder = Path(shutil.copytree(EXAMPLE, Path(place) / "folder"))
        with (folder / "schedule_of_values.csv").open("a", newline="") as table:
            csv.writer(table).writerow(["SC-001", "new", f"x{title}x", decimal_string(cents), ""])
        line = read_folder(folder).tables.lines.rows[-1]
        assert line.description == unicodedata.normalize("NFC", f"x{title}x")
        assert line.scheduled_value == cents


def command(app, *arguments):
    return app.test_cli_runner().invoke(args=arguments)


def test_the_command_prints_the_number_and_nothing_else(app):
    result = command(app, "project", "import", str(EXAMPLE))
    assert (result.exit_code, result.stdout) == (0, "EX-1\n")


def test_the_command_prints_each_mistake_on_a_line_of_its_own(app, folder):
    change(folder, "contracts.csv", "approved,yes", "approved,oui")
    change(folder, "invoices.csv", "draft", "paid")
    result = command(app, "project", "import", str(folder))
    assert (result.exit_code, result.stdout) == (1, "")
    lines = result.stderr.splitlines()
    assert lines[0] == "contracts.csv, row 2, column executed: “oui” is not yes or no."
    assert lines[1].startswith("invoices.csv, row 4, column status: “paid” is not ")
    assert lines[2] == "Error: 2 errors; nothing was changed."


def test_the_command_refuses_a_second_import_unless_told_to_replace(app):
    command(app, "project", "import", str(EXAMPLE))
    again = command(app, "project", "import", str(EXAMPLE))
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.startswith("Error: Project EX-1 exists; nothing was changed.")
    replaced = command(app, "project", "import", "--replace", str(EXAMPLE))
    assert (replaced.exit_code, replaced.stdout) == (0, "EX-1\n")


def test_the_worker_prepares_what_was_imported(app, work):
    command(app, "project", "import", str(EXAMPLE))
    work()
    with app.app_context():
        files = db.session.scalars(sa.select(StoredFile)).all()
        assert [file.pages for file in files] == [1, 1, 1]
        assert all(db.session.scalars(sa.select(Invoice.pages)))


def test_an_import_needs_no_queue(app):
    app.extensions["redis"].connection_pool.connection_kwargs["path"] = "/nobody-listens"
    result = command(app, "project", "import", str(EXAMPLE))
    assert (result.exit_code, result.stdout) == (0, "EX-1\n")
    assert result.stderr == "The queue cannot be reached; the first compile prepares the files.\n"


def test_nobody_becomes_a_member_by_an_import(context, alice):
    import_project(EXAMPLE)
    assert db.session.scalars(sa.select(Membership)).all() == []
    visible = db.session.scalars(Project.visible_to(db.session.get(User, alice))).all()
    assert [project.number for project in visible] == ["EX-1"]


def test_lines_and_change_orders_keep_the_order_of_the_files(context, folder):
    append(folder, "change_order_lines.csv", "SC-001,1,0,Design,-20.00")
    import_project(folder)
    orders = db.session.scalars(sa.select(ChangeOrder).order_by(ChangeOrder.position)).all()
    assert [(order.position, order.number) for order in orders] == [(1, "1"), (2, "2")]
    lines = db.session.scalars(
        sa.select(SovLine).filter_by(change_order_id=orders[0].id).order_by(SovLine.position)
    ).all()
    assert [(line.position, line.item, line.scheduled_value) for line in lines] == [
        (1, "1", 5_000_00),
        (2, "0", -20_00),
    ]
