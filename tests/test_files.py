from io import BytesIO

import pytest
from PIL import Image

from binder.facts import Problem
from models import StoredFile, db
from services import files, storage
from services.files import FileLost, FileRefused
from tests.factories import make_attachment, make_contract, make_file, make_invoice, make_project
from tests.pdfs import write_encrypted, write_pdf, write_picture, write_truncated


@pytest.fixture
def invoice(context):
    invoice = make_invoice(make_contract(make_project()))
    db.session.commit()
    return invoice


def facts_after_inspection(content):
    row = make_file(content)
    db.session.commit()
    assert files.inspect(row.sha256)
    return files.facts_of(db.session.get(StoredFile, row.sha256))


def test_a_stored_file_keeps_its_bytes_untouched(context):
    row = files.store(BytesIO(b"hello"), "hello.txt")
    assert storage.original(row.sha256).read_bytes() == b"hello"
    assert row.size == 5
    assert not row.is_inspected


def test_the_same_bytes_are_kept_once(context):
    first = files.store(BytesIO(b"hello"), "a.txt")
    second = files.store(BytesIO(b"hello"), "b.txt")
    assert first is second


def test_an_empty_file_is_refused_by_name(context):
    with pytest.raises(FileRefused, match=r"“scan\.pdf” is empty"):
        files.store(BytesIO(b""), "scan.pdf")
    assert not list(storage.work().iterdir())


def test_a_file_above_the_limit_is_refused_by_name(context):
    context.config["MAX_FILE_SIZE"] = 1_000_000
    with pytest.raises(FileRefused, match=r"“scan.pdf” has 1.2 MB; one file may have 1.0 MB"):
        files.store(BytesIO(bytes(1_200_000)), "scan.pdf")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Invoice 7.pdf", "Invoice 7.pdf"),
        ("C:\\fakepath\\Invoice 7.pdf", "Invoice 7.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\r\nSet-Cookie: x.pdf", "abSet-Cookie x.pdf"),
        ("evil\u202efdp.exe", "evilfdp.exe"),
        ("..", "file"),
        ("", "file"),
        ("   ", "file"),
        ("Rechnung Nr. 5 – Größe.pdf", "Rechnung Nr. 5 – Größe.pdf"),
        ("見積書.pdf", "見積書.pdf"),
        ('a"b<c>.pdf', "abc.pdf"),
    ],
)
def test_a_name_is_cleaned_for_showing(given, shown):
    assert files.clean_name(given) == shown


@pytest.mark.parametrize("letter", ["a", "ü", "書"])
def test_a_long_name_is_cut_and_keeps_its_ending(letter):
    name = files.clean_name(letter * 400 + ".pdf")
    assert name.endswith(".pdf")
    assert 190 <= len(name.encode()) <= 200


def test_inspection_notes_pages_and_draws_a_preview(context, tmp_path):
    content = write_pdf(tmp_path / "a.pdf", ["One", "Two"]).read_bytes()
    facts = facts_after_inspection(content)
    row = make_file(content)
    assert (facts.pages, row.pages, row.problem) == (2, 2, None)
    with Image.open(files.preview_path(row.sha256)) as picture:
        assert picture.size == (192, 249)
        assert picture.format == "PNG"


def test_inspecting_twice_looks_once(context, tmp_path):
    content = write_pdf(tmp_path / "a.pdf").read_bytes()
    facts_after_inspection(content)
    assert not files.inspect(make_file(content).sha256)


def test_facts_of_an_older_version_are_collected_again(context, tmp_path):
    row = make_file(write_pdf(tmp_path / "a.pdf").read_bytes())
    row.facts = {"media_type": "application/pdf", "version": 0}
    db.session.commit()
    assert files.inspect(row.sha256)
    assert files.facts_of(row).pages == 1


def test_an_unknown_file_is_no_work(context):
    assert not files.inspect("0" * 64)


def test_a_picture_has_a_page_and_a_preview(context, tmp_path):
    facts = facts_after_inspection(write_picture(tmp_path / "a.jpg", "JPEG").read_bytes())
    assert facts.pages == 1
    assert len(list((storage.data_dir() / "previews").rglob("*.png"))) == 1


@pytest.mark.parametrize(
    ("make", "problem", "words"),
    [
        (lambda p: p.write_bytes(b"%PDF-1.7 nothing"), Problem.UNREADABLE, "is damaged"),
        (lambda p: write_encrypted(p, user="secret"), Problem.PASSWORD, "locked with a password"),
        (lambda p: p.write_bytes(b"PK\x03\x04 no"), Problem.NOT_PDF, "not a PDF"),
    ],
)
def test_a_bad_file_is_a_problem_with_a_sentence(invoice, tmp_path, make, problem, words):
    path = tmp_path / "waiver.pdf"
    make(path)
    attachment = make_attachment(invoice, path.read_bytes(), name="waiver.pdf")
    facts = facts_after_inspection(path.read_bytes())
    assert facts.problem == problem
    assert facts.sentence.startswith("“waiver.pdf”")
    assert words in files.sentence_for(facts, "other.pdf")
    assert files.sentence_for(facts, "other.pdf").startswith("“other.pdf”")
    assert attachment.file.problem == problem
    assert not files.preview_path(attachment.sha256).exists()


def test_a_repaired_file_has_pages(context, tmp_path):
    assert facts_after_inspection(write_truncated(tmp_path / "a.pdf").read_bytes()).repaired


def test_bytes_that_are_gone_are_said_to_be(invoice, tmp_path):
    attachment = make_attachment(invoice, b"hello", name="hello.txt")
    db.session.commit()
    storage.original(attachment.sha256).unlink()
    with pytest.raises(FileLost, match=r"“hello.txt” is missing"):
        files.inspect(attachment.sha256)
    assert not attachment.file.is_inspected


def test_ensuring_looks_only_into_what_waits(context, tmp_path):
    done = make_file(write_pdf(tmp_path / "a.pdf").read_bytes())
    waiting = make_file(write_pdf(tmp_path / "b.pdf", ["Other"]).read_bytes())
    other = make_file(b"not asked for")
    db.session.commit()
    files.inspect(done.sha256)
    files.ensure_inspected([done.sha256, waiting.sha256])
    assert waiting.pages == 1
    assert not other.is_inspected


def test_the_worker_inspects_what_was_queued(app, work, tmp_path):
    from jobs.files import enqueue_inspect

    with app.app_context():
        row = make_file(write_pdf(tmp_path / "a.pdf").read_bytes())
        db.session.commit()
        assert enqueue_inspect(row.sha256)
        db.session.remove()
        work()
        assert db.session.get(StoredFile, row.sha256).pages == 1
