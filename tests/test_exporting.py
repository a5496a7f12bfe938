"""What goes out comes in again as the same project."""

import shutil
import unicodedata
import zipfile
from datetime import date
from io import BytesIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import demo
from billing import Until, extended
from models import (
    CONTRACT_STATUSES,
    AccountingMethod,
    ChangeOrderStatus,
    Contract,
    ContractType,
    Dictionary,
    DocumentKind,
    DocumentType,
    InvoiceStatus,
    PaymentMethod,
    PeriodStatus,
    Project,
    Review,
    Signature,
    SignatureStatus,
    db,
)
from services import exporting, sheets, storage
from services.exporting import ExportRefused
from services.exporting.places import Document, Folders, placed
from services.importing import import_project
from tests.factories import (
    make_attachment,
    make_change_order,
    make_company,
    make_contact,
    make_contract,
    make_file,
    make_invoice,
    make_invoice_line,
    make_line,
    make_payment,
    make_period,
    make_project,
    make_rule,
)
from tests.project_image import DROPPED, KEPT, ORDERED, image
from tests.test_importing import EXAMPLE

_number = count(1)


def normal(text):
    return unicodedata.normalize("NFC", text).strip()


LETTERS = st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])
WORDS = st.text(LETTERS, max_size=12).map(normal)
#: Text that means something to a spreadsheet, a file system or a CSV reader.
AWKWARD = st.sampled_from(
    ["=1+2", "+1", "-5", "@sum", "a/b", "a_b", "..", ".x", "~$x", "CON", "x.", '“q” "q"', "a,b;c",
     "'", "1.", "Thumbs.db", "é", "A", "a", "#", "\\", "contract 1"]
)  # fmt: skip
NAMES = st.one_of(AWKWARD, WORDS.filter(bool))
LINES = st.lists(st.one_of(AWKWARD, WORDS), max_size=3).map("\n".join).map(normal)
CENTS = st.integers(-(10**12), 10**12)
OPTIONAL_CENTS = st.none() | CENTS
RATES = st.integers(0, 10_000)
UNITS = st.integers(-(10**9), 10**9)
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
OWN_TYPES = {"manifest": "Waste manifest", "own_2": "CON"}
TYPES = st.sampled_from([*DocumentKind, *OWN_TYPES])
FILES = st.lists(
    st.tuples(
        NAMES | st.sampled_from(["Lien waiver.pdf", "COI.pdf", "Waste manifest 3.pdf"]),
        st.binary(max_size=6),
        st.fixed_dictionaries(
            {"is_left_out": st.booleans(), "is_type_confirmed": st.booleans(),
             "document_type": TYPES, "expires": st.none() | DAYS}
        ),
    ),
    max_size=4,
)  # fmt: skip
ENTRY = st.fixed_dictionaries(
    {"work_this_period": CENTS, "new_stored": CENTS, "stored_installed": CENTS,
     "work_retainage": OPTIONAL_CENTS, "work_retainage_rate": st.none() | RATES,
     "work_retainage_released": CENTS, "stored_retainage": OPTIONAL_CENTS,
     "stored_retainage_rate": st.none() | RATES, "stored_retainage_released": CENTS,
     "quantity_this_period": st.none() | UNITS, "review": st.sampled_from(Review),
     "review_reason": WORDS}
)  # fmt: skip
LINE = st.fixed_dictionaries(
    {"item": NAMES, "description": LINES.filter(bool), "scheduled_value": CENTS,
     "budget_code": WORDS}
)  # fmt: skip
UNIT_LINE = st.builds(
    lambda line, unit, quantity, price: line | {
        "unit": unit, "quantity": quantity, "unit_price": price,
        "scheduled_value": extended(quantity, price),
    },
    LINE, WORDS, UNITS, UNITS,
)  # fmt: skip
UNIT_SCHEDULE = st.lists(UNIT_LINE, max_size=3, unique_by=lambda line: line["item"])
SCHEDULE = st.lists(LINE, max_size=3, unique_by=lambda line: line["item"])
INVOICE = st.fixed_dictionaries(
    {"number": WORDS, "status": st.sampled_from(InvoiceStatus), "billing_date": st.none() | DAYS,
     "comments": LINES, "is_final": st.booleans()}
)  # fmt: skip
CHANGE_ORDER = st.fixed_dictionaries(
    {"number": NAMES, "title": NAMES, "status": st.sampled_from(ChangeOrderStatus),
     "approved_date": st.none() | DAYS}
)  # fmt: skip
RULES = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"rate": RATES, "limit_rate": RATES,
             "limit_kind": st.sampled_from([Until.PERCENT_OF_ORIGINAL, Until.PERCENT_OF_REVISED])}
        ),
        st.fixed_dictionaries(
            {"rate": RATES, "limit_kind": st.just(Until.AMOUNT), "limit_rate": st.none(),
             "limit_amount": st.integers(0, 10**12)}
        ),
    ),
    max_size=5,
)  # fmt: skip
CONTACTS = st.lists(
    st.fixed_dictionaries(
        {"name": WORDS, "email": st.sampled_from(["a@x.example", "b@x.example", "a@é.example"])}
    ),
    max_size=3,
    unique_by=lambda contact: contact["email"],
)
PAYMENTS = st.lists(
    st.fixed_dictionaries(
        {"number": NAMES, "method": st.sampled_from(PaymentMethod), "amount": CENTS, "date": DAYS,
         "check_number": WORDS, "invoice_number": WORDS, "notes": LINES}
    ),
    max_size=2,
    unique_by=lambda payment: payment["number"],
)  # fmt: skip


@st.composite
def contracts(draw):
    kind = draw(st.sampled_from(ContractType))
    method = draw(st.sampled_from(AccountingMethod))
    schedule = UNIT_SCHEDULE if method == AccountingMethod.UNIT else SCHEDULE
    return {
        "facts": {
            "number": draw(NAMES),
            "title": draw(NAMES),
            "type": kind,
            "status": draw(st.sampled_from(CONTRACT_STATUSES[kind])),
            "executed": draw(st.booleans()),
            "is_private": draw(st.booleans()),
            "contract_date": draw(st.none() | DAYS),
            "work_retainage_rate": draw(RATES),
            "stored_retainage_rate": draw(RATES),
            "accounting_method": method,
            "description": draw(LINES),
            "inclusions": draw(LINES),
            "exclusions": draw(LINES),
            "payment_terms": draw(WORDS),
            "invoices_enabled": draw(st.booleans()),
            "start_date": draw(st.none() | DAYS),
            "estimated_completion": draw(st.none() | DAYS),
            "execution_date": draw(st.none() | DAYS),
            "signed_received_date": draw(st.none() | DAYS),
        },
        "company": draw(NAMES),
        "address": draw(LINES),
        "rules": draw(RULES),
        "contacts": draw(CONTACTS),
        "payments": draw(PAYMENTS),
        "lines": draw(schedule),
        "orders": draw(
            st.lists(
                st.tuples(CHANGE_ORDER, schedule), max_size=2, unique_by=lambda o: o[0]["number"]
            )
        ),
        "invoices": draw(st.lists(st.tuples(INVOICE, FILES, st.none() | NAMES), max_size=2)),
        "gap": draw(st.integers(1, 3)),
    }


PROJECTS = st.fixed_dictionaries(
    {"name": NAMES, "owner": WORDS, "general_contractor": WORDS, "architect": WORDS,
     "address": LINES, "dictionary": st.sampled_from([None, *Dictionary]),
     "forbids_overbilling": st.booleans(), "timezone": st.sampled_from(["UTC", "America/Chicago"])}
)  # fmt: skip


def build(facts, parts, period_days, entries):
    """Rows of a project as it was drawn; returns its number."""
    project = make_project(number=f"X/{next(_number)}", **facts)
    periods = [
        make_period(
            project, start=min(pair), end=max(pair), due=pair[0],
            status=PeriodStatus.OPEN if place == 0 else PeriodStatus.CLOSED,
        )
        for place, pair in enumerate(period_days)
    ]  # fmt: skip
    for code, name in OWN_TYPES.items():
        db.session.add(DocumentType(project_id=project.id, code=code, name=name))
    companies = {}
    for part in parts:
        if part["company"] not in companies:
            companies[part["company"]] = make_company(
                project, name=part["company"], address=part["address"]
            )
        build_contract(project, companies[part["company"]], part, periods, entries)
    db.session.flush()
    sheets.recalculate(
        db.session.scalars(sa.select(Contract.id).filter_by(project_id=project.id)).all()
    )
    db.session.commit()
    return project.number


def build_contract(project, company, part, periods, entries):
    contract = make_contract(project, company=company, **part["facts"])
    lines = [make_line(contract, **line) for line in part["lines"]]
    for facts, schedule in part["orders"]:
        order = make_change_order(contract, **facts)
        added = [make_line(contract, change_order_id=order.id, **line) for line in schedule]
        lines += added if order.status == ChangeOrderStatus.APPROVED else []
    for position, rule in enumerate(part["rules"], 1):
        make_rule(contract, position, **rule)
    for contact in part["contacts"]:
        make_contact(contract, **contact)
    invoice = None
    for place, (facts, files, signed) in enumerate(part["invoices"]):
        period = periods[place % len(periods)] if periods and place else None
        invoice = make_invoice(contract, period=period, position=1 + place * part["gap"], **facts)
        for line, entry in zip(lines[place:], entries, strict=False):
            make_invoice_line(invoice, line, **entry)
        for name, content, more in files:
            make_attachment(invoice, content, name=name, **more)
        if signed:
            file = make_file(b"signed " + signed.encode())
            db.session.add(
                Signature(
                    invoice_id=invoice.id, status=SignatureStatus.COMPLETED, name=signed,
                    sha256=file.sha256,
                )
            )  # fmt: skip
        db.session.add(Signature(invoice_id=invoice.id, status=SignatureStatus.DECLINED))
    for payment in part["payments"]:
        make_payment(contract, invoice=invoice, **payment)


def gathered(number):
    return exporting.gather(db.session.scalar(Project.numbered(number)))


@given(
    facts=PROJECTS,
    parts=st.lists(contracts(), max_size=3, unique_by=lambda part: part["facts"]["number"]),
    period_days=st.lists(st.tuples(DAYS, DAYS), max_size=2, unique_by=frozenset),
    entries=st.lists(ENTRY, max_size=3),
    is_zip=st.booleans(),
)
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_a_project_that_went_out_comes_in_as_it_was(
    context, facts, parts, period_days, entries, is_zip
):
    number = build(facts, parts, period_days, entries)
    before = image(number)
    with TemporaryDirectory() as place:
        path = Path(place) / ("out.zip" if is_zip else "out")
        write = exporting.write_zip if is_zip else exporting.write_folder
        write(gathered(number), path)
        imported = import_project(path, replace=True)
    assert imported.number == number
    assert image(number) == before


@pytest.mark.parametrize("model", KEPT, ids=lambda model: model.__name__)
def test_every_column_is_exported_or_left_out_on_purpose(model):
    """Who adds a column decides whether docs/import.md has it; then it belongs here."""
    columns = {column.key for column in sa.inspect(model).columns}
    order = {"position"} if model in ORDERED else set()
    assert columns - DROPPED - order == KEPT[model]


def test_the_demo_project_makes_the_round_trip_and_its_files_keep_their_names(context, tmp_path):
    folder, out = tmp_path / "demo", tmp_path / "out"
    folder.mkdir()
    demo.write(folder)
    import_project(folder)
    before = image(demo.NUMBER)
    exporting.write_folder(gathered(demo.NUMBER), out)
    for top in ("attachments", "signed"):
        assert tree(out / top) == tree(folder / top)
    assert not (out / "files.csv").exists()

    exporting.write_zip(gathered(demo.NUMBER), tmp_path / "out.zip")
    import_project(tmp_path / "out.zip", replace=True)
    assert image(demo.NUMBER) == before


def tree(folder):
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_same_project_gives_the_same_bytes(context, tmp_path):
    import_project(EXAMPLE)
    first, second = (b"".join(exporting.stream_zip(gathered("EX-1"))) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "EX-1/project.toml"


def test_the_format_keeps_text_that_a_spreadsheet_would_compute(context, tmp_path):
    """It is for programs; lists for people guard against formulas."""
    project = make_project(number="F-1")
    make_line(make_contract(project, title="=HYPERLINK(1)"), description="@x", item="=1")
    db.session.commit()
    exporting.write_folder(gathered("F-1"), tmp_path / "out")
    assert ",=HYPERLINK(1)," in (tmp_path / "out" / "contracts.csv").read_text()


def test_a_private_contract_comes_in_private_elsewhere_too(context, tmp_path):
    make_contract(make_project(number="S-1"), number="SC-1", is_private=True)
    db.session.commit()
    out = tmp_path / "out"
    exporting.write_folder(gathered("S-1"), out)
    facts = out / "project.toml"
    facts.write_text(facts.read_text().replace("S-1", "S-2"))
    copy = import_project(out).project_id
    contract = db.session.scalars(sa.select(Contract).filter_by(project_id=copy)).one()
    assert contract.is_private


def test_no_more_than_a_piece_of_a_file_is_in_memory(context, monkeypatch):
    monkeypatch.setattr(storage, "PIECE", 1000)
    invoice = make_invoice(make_contract(make_project(number="B-1")))
    make_attachment(invoice, b"x" * 100_000, name="big.pdf")
    db.session.commit()
    pieces = list(exporting.stream_zip(gathered("B-1")))
    assert max(map(len, pieces)) < 3000
    assert sum(map(len, pieces)) > 100_000


def document(name, number=1, **values):
    return Document(contract="SC-1", position=number, name=name, sha256="0" * 64, size=1, **values)


def names(*found):
    return [place.path.rpartition("/")[2] for place in placed(found, Folders({}))]


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        (["2 b.pdf", "10 a.pdf"], ["2 b.pdf", "10 a.pdf"]),
        (["10 a.pdf", "2 b.pdf"], ["001 10 a.pdf", "002 2 b.pdf"]),
        (["A.pdf", "a.pdf"], ["001 A.pdf", "002 a.pdf"]),
        ([".DS_Store"], ["001 .DS_Store"]),
        (["a/b:c.pdf"], ["001 abc.pdf"]),
        (["CON"], ["001 CON_"]),
        (["/"], ["001"]),
        (["x" * 250 + ".pdf"], ["001 " + "x" * 140 + ".pdf"]),
    ],
)
def test_names_that_a_computer_would_refuse_or_reorder_are_numbered(given_names, expected):
    assert names(*(document(name) for name in given_names)) == expected


def test_contracts_that_would_share_a_folder_get_their_own():
    folders = Folders.of(["A/1", "A_1", "a_1", "..", "SC-1"])
    assert folders.named == {
        "A/1": "contract 1", "A_1": "contract 2", "a_1": "contract 3", "..": "contract 4",
    }  # fmt: skip
    assert folders.folder("SC-1") == "SC-1"


def test_a_folder_that_a_contract_is_named_after_is_not_taken_by_another():
    assert Folders.of(["..", "contract 1"]).named == {"..": "contract 1_"}


def test_a_missing_original_is_named_and_nothing_is_written(context, tmp_path):
    import_project(EXAMPLE)
    shutil.rmtree(storage.data_dir() / "files")
    with pytest.raises(ExportRefused, match=r"^attachments/.*missing from the data folder"):
        gathered("EX-1")


def command(app, *arguments):
    return app.test_cli_runner().invoke(args=["project", *map(str, arguments)])


@pytest.mark.parametrize("name", ["out", "out.zip", "deep/er/out.ZIP"])
def test_the_command_writes_a_folder_or_a_zip(app, tmp_path, name):
    assert command(app, "import", EXAMPLE).exit_code == 0
    path = tmp_path / name
    result = command(app, "export", "EX-1", path)
    assert (result.exit_code, result.stdout) == (0, f"{path}\n")
    assert zipfile.is_zipfile(path) if path.suffix else (path / "project.toml").is_file()
    assert command(app, "import", path, "--replace").stdout == "EX-1\n"


@pytest.mark.parametrize("name", ["out", "out.zip"])
def test_the_command_overwrites_nothing(app, tmp_path, name):
    command(app, "import", EXAMPLE)
    path = tmp_path / name
    command(app, "export", "EX-1", path)
    result = command(app, "export", "EX-1", path)
    assert result.exit_code == 1
    assert result.stderr == f"Error: {path} is there already; choose another name.\n"
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []


def test_the_command_names_a_project_that_is_not_there(app, tmp_path):
    result = command(app, "export", "none", tmp_path / "out")
    assert result.stderr == "Error: There is no project none.\n"
    assert not (tmp_path / "out").exists()
