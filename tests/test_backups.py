"""Asking for a backup and compiling it, without HTTP and without a queue."""

import json
import threading
from hashlib import sha256
from zipfile import ZipFile

import pypdf
import pytest
import sqlalchemy as sa

from binder.plan import EntryKind
from binder.recipe import Order, Recipe
from models import (
    Backup,
    BackupStatus,
    Dictionary,
    Signature,
    SignatureStatus,
    User,
    db,
)
from services import backups, drawings, files, sheets, storage
from services.backups import places, pulse
from services.backups.freezing import InvoiceGone
from tests.backup_rows import NOW, add_attachments, add_invoice, ask, make_pdf, make_tower
from tests.factories import (
    make_attachment,
    make_contract,
    make_file,
    make_invoice,
    make_invoice_line,
)
from tests.pdfs import write_encrypted, write_truncated


@pytest.fixture
def project(context):
    return make_tower()


def run(backup):
    return backups.compile(backup.id)


def texts(backup):
    return [page.extract_text() for page in pypdf.PdfReader(backups.pdf_of(backup)).pages]


def test_documents_come_by_natural_contract_number_then_position_then_place(project, tmp_path):
    ten = add_invoice(project, "SC-10")
    two = make_contract(project, number="SC-2")
    second = add_invoice(project, "", position=2, contract=two)
    first = add_invoice(project, "", position=1, contract=two)
    make_attachment(first, make_pdf(tmp_path, "late"), position=2, name="late.pdf")
    make_attachment(first, make_pdf(tmp_path, "early"), position=1, name="early.pdf")

    backup = run(ask(project, ten, second, first))

    assert backup.status == BackupStatus.DONE, backup.error
    entries = backup.manifest["entries"]
    assert [(e["contract"], e["position"], e["name"]) for e in entries] == [
        ("SC-2", 1, "Subcontractor invoice"),
        ("SC-2", 1, "early.pdf"),
        ("SC-2", 1, "late.pdf"),
        ("SC-2", 2, "Subcontractor invoice"),
        ("SC-10", 1, "Subcontractor invoice"),
    ]
    pages = texts(backup)
    assert len(pages) == backup.pages >= sum(e["pages"] for e in entries)
    early = next(e for e in entries if e["name"] == "early.pdf")
    assert "early" in pages[early["first_page"] - 1]


def test_the_file_is_named_hashed_and_described_beside_itself(project, tmp_path):
    invoice = add_invoice(project, "SC-1")

    backup = run(ask(project, invoice))

    path = backups.pdf_of(backup)
    name = "Subcontractor invoice backup - Harbor Tower - 24-017 - 2026-08-31 - 14-05-09"
    assert path.name == f"{name}.pdf" == backup.file_name
    assert sorted(file.name for file in path.parent.iterdir()) == [f"{name}.json", f"{name}.pdf"]
    assert json.loads(places.manifest_of(path).read_text()) == backup.manifest
    content = path.read_bytes()
    assert backup.sha256 == backup.manifest["sha256"] == sha256(content).hexdigest()
    assert backup.size == len(content)
    assert (backup.documents_done, backup.documents_total) == (1, 1)
    assert list(storage.work().iterdir()) == []


def test_owners_read_contractor(project):
    project.dictionary = Dictionary.OWNERS
    backup = ask(project, add_invoice(project, "SC-1"))
    assert backup.file_name.startswith("Contractor invoice backup - Harbor Tower")


def test_the_signed_copy_stands_in_the_place_of_the_drawing(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    signed = make_file(make_pdf(tmp_path, "signed by hand"))
    db.session.add(
        Signature(
            invoice_id=invoice.id,
            status=SignatureStatus.COMPLETED,
            sha256=signed.sha256,
            name="signed.pdf",
        )
    )
    backup = run(ask(project, invoice))

    [entry] = backup.manifest["entries"]
    assert (entry["kind"], entry["name"]) == (EntryKind.SIGNED, "signed.pdf")
    assert entry["sha256"] == signed.sha256
    assert "signed by hand" in texts(backup)[entry["first_page"] - 1]


def test_a_pending_signature_changes_nothing(project):
    invoice = add_invoice(project, "SC-1")
    db.session.add(Signature(invoice_id=invoice.id, status=SignatureStatus.PENDING))
    [entry] = run(ask(project, invoice)).manifest["entries"]
    assert entry["kind"] == EntryKind.INVOICE


def test_what_was_left_out_is_listed_with_its_reason(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    broken = write_truncated(tmp_path / "broken.pdf").read_bytes()[:300]
    locked = write_encrypted(tmp_path / "locked.pdf", user="secret").read_bytes()
    make_attachment(invoice, broken, name="broken.pdf", is_left_out=True)
    make_attachment(invoice, locked, name="locked.pdf", is_left_out=True)
    make_attachment(invoice, make_pdf(tmp_path, "fine"), name="fine.pdf", is_left_out=True)
    db.session.commit()
    files.ensure_inspected([row.sha256 for row in db.session.scalars(sa.select(files.StoredFile))])

    backup = run(ask(project, invoice))

    reasons = {row["name"]: row["reason"] for row in backup.manifest["left_out"]}
    assert "damaged" in reasons["broken.pdf"]
    assert "password" in reasons["locked.pdf"]
    assert "decision" in reasons["fine.pdf"]
    [entry] = backup.manifest["entries"]
    assert any("broken.pdf" in page for page in texts(backup)[entry["first_page"] :])


def test_a_page_stands_in_for_what_is_no_pdf(project):
    invoice = add_invoice(project, "SC-1")
    make_attachment(invoice, b"a,b\n1,2\n", name="quantities.csv")

    backup = run(ask(project, invoice))

    assert backup.status == BackupStatus.DONE, backup.error
    entry = backup.manifest["entries"][1]
    assert (entry["kind"], entry["name"]) == (EntryKind.PLACEHOLDER, "quantities.csv")
    assert "quantities.csv" in texts(backup)[entry["first_page"] - 1]
    [row] = backup.manifest["left_out"]
    assert row["name"] == "quantities.csv"
    assert "stands in" in row["reason"]


def test_a_blocking_finding_refuses_the_request_and_stores_nothing(project):
    invoice = add_invoice(project, "SC-1")
    invoice.period_id = None
    db.session.commit()
    with pytest.raises(backups.Blocked) as refused:
        ask(project, invoice)
    assert [finding.code for finding in refused.value.preflight.blocking] == ["no_period"]
    assert not db.session.scalar(sa.select(Backup))


def test_an_invoice_that_is_gone_refuses_the_request(project):
    invoice = add_invoice(project, "SC-1")
    db.session.commit()
    with pytest.raises(InvoiceGone):
        backups.request(project.id, [invoice.id, 999], None, NOW)


def test_the_number_of_a_deleted_backup_is_never_given_again(project):
    invoice = add_invoice(project, "SC-1")
    first = ask(project, invoice)
    first.request_cancel()
    backups.delete(first)

    assert ask(project, invoice).number == 2


def test_numbers_run_on_in_each_project_also_for_those_who_ask_at_once(project, context):
    invoice = add_invoice(project, "SC-1")
    db.session.commit()
    project_id, invoice_id = project.id, invoice.id
    db.session.rollback()
    failed = []

    def ask_once():
        with context.app_context():
            try:
                backups.request(project_id, [invoice_id], None, NOW)
            except Exception as e:  # noqa: BLE001 - whatever it is fails the test
                failed.append(e)

    threads = [threading.Thread(target=ask_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failed
    numbers = db.session.scalars(sa.select(Backup.number).order_by(Backup.number)).all()
    assert numbers == list(range(1, 9))


def test_what_changes_after_the_request_does_not_change_the_backup(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    make_attachment(invoice, make_pdf(tmp_path, "asked for"), name="asked.pdf")
    db.session.commit()
    drawings.draw(invoice.id)
    backup = ask(project, invoice)
    make_attachment(invoice, make_pdf(tmp_path, "too late"), name="too-late.pdf")
    invoice.comments = "too late"
    db.session.commit()

    run(backup)

    names = [entry["name"] for entry in backup.manifest["entries"]]
    assert names == ["Subcontractor invoice", "asked.pdf"]


def test_an_undrawn_invoice_that_changed_meanwhile_fails_by_name(project):
    invoice = add_invoice(project, "SC-7", number="A-1")
    backup = ask(project, invoice)
    invoice.comments = "changed"
    db.session.commit()

    run(backup)

    assert backup.status == BackupStatus.FAILED
    assert backup.error.startswith("Invoice A-1 of SC-7 was changed after this backup")


def test_a_file_that_turns_out_broken_fails_by_name_and_leaves_nothing(project, tmp_path):
    invoice = add_invoice(project, "SC-3")
    broken = write_truncated(tmp_path / "broken.pdf").read_bytes()[:300]
    make_attachment(invoice, broken, name="broken.pdf")
    backup = ask(project, invoice)

    run(backup)

    assert backup.status == BackupStatus.FAILED
    assert "Invoice 1 of SC-3: “broken.pdf” is damaged" in backup.error
    assert not places.folder(backup.id).exists()
    assert list(storage.work().iterdir()) == []


def test_a_file_that_changed_on_disk_fails_by_name(project, tmp_path):
    invoice = add_invoice(project, "SC-3")
    attachment = make_attachment(invoice, make_pdf(tmp_path, "one"), name="report.pdf")
    backup = ask(project, invoice)
    files.ensure_inspected([attachment.sha256])
    storage.original(attachment.sha256).write_bytes(make_pdf(tmp_path, "one", "two"))

    run(backup)

    assert backup.status == BackupStatus.FAILED
    assert backup.error.startswith("Invoice 1 of SC-3: “report.pdf”")


def test_a_backup_is_compiled_once(project):
    backup = ask(project, add_invoice(project, "SC-1"))
    assert run(backup).status == BackupStatus.DONE
    finished = backup.finished_at
    assert run(backup) is None
    assert backup.finished_at == finished


def test_a_backup_whose_end_was_committed_keeps_its_file_whatever_happens_then(
    project, monkeypatch
):
    """The commit arrives, its answer does not."""
    backup = ask(project, add_invoice(project, "SC-1"))
    finish = Backup.finish

    def unanswered(self, **values):
        finish(self, **values)
        raise ConnectionResetError

    monkeypatch.setattr(Backup, "finish", unanswered)
    with pytest.raises(ConnectionResetError):
        run(backup)

    db.session.expire_all()
    assert backup.status == BackupStatus.DONE
    assert (storage.data_dir() / backup.path).exists()


@pytest.fixture
def quick_pulse(monkeypatch):
    """Beats far oftener than documents are done, however fast the machine."""
    monkeypatch.setattr(pulse, "INTERVAL", 0.01)


def test_a_running_backup_stops_when_asked_and_leaves_nothing(project, tmp_path, quick_pulse):
    invoice = add_invoice(project, "SC-1")
    add_attachments(invoice, tmp_path, 60)
    backup = ask(project, invoice)
    backup_id = backup.id

    def listen(_):
        db.session.get(Backup, backup_id).request_cancel()

    backups.compile(backup_id, listen=listen)

    assert backup.status == BackupStatus.CANCELLED
    assert backup.documents_done < backup.documents_total
    assert not places.folder(backup.id).exists()
    assert list(storage.work().iterdir()) == []


def test_a_backup_given_up_as_lost_does_not_come_back(project, tmp_path, quick_pulse):
    invoice = add_invoice(project, "SC-1")
    add_attachments(invoice, tmp_path, 60)
    backup = ask(project, invoice)

    def listen(_):
        db.session.get(Backup, backup_id).fail("Given up.")

    backup_id = backup.id
    backups.compile(backup_id, listen=listen)

    db.session.rollback()
    assert (backup.status, backup.error) == (BackupStatus.FAILED, "Given up.")
    assert not places.folder(backup_id).exists()


def test_running_again_takes_the_invoices_as_they_are_now(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    first = ask(project, invoice)
    make_attachment(invoice, make_pdf(tmp_path, "new"), name="new.pdf")
    db.session.commit()

    again = run(backups.run_again(first, None, NOW))

    assert again.number == 2
    assert [entry["name"] for entry in again.manifest["entries"]][1:] == ["new.pdf"]


def test_deleting_removes_row_and_files_but_never_under_a_running_job(project):
    backup = ask(project, add_invoice(project, "SC-1"))
    with pytest.raises(backups.NotFinished):
        backups.delete(backup)
    run(backup)
    folder = places.folder(backup.id)
    assert folder.exists()
    backups.delete(backup)
    assert not folder.exists()
    assert not db.session.scalar(sa.select(Backup))


def test_a_job_whose_backup_was_deleted_meanwhile_ends_without_an_error(project):
    backup = ask(project, add_invoice(project, "SC-1"))
    db.session.execute(sa.delete(Backup))
    db.session.commit()
    assert not backup.claim()
    assert not backup.fail("too late")
    assert not backup.request_cancel()


def test_the_address_of_a_deleted_backup_never_leads_to_another(project):
    invoice = add_invoice(project, "SC-1")
    first = ask(project, invoice)
    first.request_cancel()
    gone = first.id
    backups.delete(first)

    assert ask(project, invoice).id > gone


def test_the_request_names_who_asked(project):
    user = User(email="dana@example.org", name="Dana Reyes", password_hash="")
    db.session.add(user)
    db.session.commit()
    backup = ask(project, add_invoice(project, "SC-1"), user=user.id)
    assert backups.frozen_request(backup).requested_by == "Dana Reyes"
    assert backup.requested_by == user


def test_asking_takes_as_many_statements_for_thirty_invoices_as_for_two(project):
    def statements(invoices):
        seen = []
        note = lambda *args: seen.append(args[2])  # noqa: E731
        db.session.commit()
        sa.event.listen(db.engine, "before_cursor_execute", note)
        backups.request(project.id, [invoice.id for invoice in invoices], None, NOW)
        sa.event.remove(db.engine, "before_cursor_execute", note)
        return len(seen)

    rows = [add_invoice(project, f"SC-{n}") for n in range(32)]
    few, many = rows[:2], rows[2:]
    assert statements(many) - len(many) == statements(few) - len(few)


def test_volumes_and_originals_lie_beside_each_other_and_are_found_again(project, tmp_path):
    invoices = [add_invoice(project, f"SC-{n}") for n in (1, 2)]
    make_attachment(invoices[0], make_pdf(tmp_path, "a"), name="slip.pdf")
    db.session.commit()
    recipe = Recipe(volume_pages=5, originals=True)

    backup = run(backups.request(project.id, [i.id for i in invoices], None, NOW, recipe))

    assert backup.status == BackupStatus.DONE, backup.error
    files = backups.files_of(backup)
    assert len(files) > 1
    assert [file.volume for file in files] == list(range(1, len(files) + 1))
    assert sum(file.pages for file in files) == backup.pages
    assert sum(file.size for file in files) == backup.size
    zipped = backups.originals_of(backup)
    with ZipFile(zipped.path) as archive:
        assert archive.namelist() == ["SC-1/1/01 slip.pdf"]
    manifest = places.manifest_of(files[1].path)
    assert json.loads(manifest.read_text()) == backup.manifest
    names = {path.name for path in files[0].path.parent.iterdir()}
    assert names == {*(file.path.name for file in files), zipped.path.name, manifest.name}
    assert backups.run_again(backup, None, NOW).request["recipe"] == recipe.to_json()
    files[1].path.unlink()
    assert backups.files_of(backup) == []


def test_a_request_of_an_older_release_still_compiles(project):
    invoice = add_invoice(project, "SC-1")
    backup = ask(project, invoice)
    older = json.loads(json.dumps(backup.request))
    for key in ("recipe", "labels", "owner", "general_contractor"):
        del older[key]
    for row in older["invoices"]:
        for key in ("lines_this_period", "previous_certificates", "earned_before"):
            del row[key]
    backup.request = older
    db.session.commit()
    assert run(backup).status == BackupStatus.DONE, backup.error


def test_attachments_can_come_before_their_invoice(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    make_attachment(invoice, make_pdf(tmp_path, "a"), name="slip.pdf")
    db.session.commit()
    recipe = Recipe(order=Order.ATTACHMENTS_FIRST)
    backup = run(backups.request(project.id, [invoice.id], None, NOW, recipe))
    assert [entry["name"] for entry in backup.manifest["entries"]] == [
        "slip.pdf",
        "Subcontractor invoice",
    ]


def test_the_tie_out_compares_lines_and_certificates(project):
    contract = make_contract(project, number="SC-1")
    first = add_invoice(project, "", position=1, contract=contract)
    line = first.lines[0].line
    second = make_invoice(contract, period=project.periods[1], position=2)
    make_invoice_line(second, line, work_this_period=500_00)
    sheets.recalculate([contract.id])
    pages = " ".join(texts(run(ask(project, first, second))))
    assert pages.count("2 of 2 equal") == 2
    assert "The amount of each invoice is the sum of its lines" in pages
    assert "Line 7 of each invoice is line 6 of the invoice before it" in pages


def test_the_recipe_decides_which_types_go_in_and_in_which_order(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    for name, document_type, is_confirmed in (
        ("scan.pdf", "backup", False),
        ("photo.pdf", "photo", False),
        ("old COI.pdf", "insurance_certificate", True),
        ("waiver.pdf", "conditional_waiver", True),
        ("COI.pdf", "insurance_certificate", True),
    ):
        make_attachment(
            invoice, make_pdf(tmp_path, name), name=name, document_type=document_type,
            is_type_confirmed=is_confirmed,
        )  # fmt: skip
    db.session.commit()
    recipe = Recipe(
        type_order=("conditional_waiver", "insurance_certificate"), left_out_types=("photo",)
    )

    backup = run(backups.request(project.id, [invoice.id], None, NOW, recipe))

    assert backup.status == BackupStatus.DONE, backup.error
    told = [(e["name"], e["document_type"]) for e in backup.manifest["entries"][1:]]
    assert told == [
        ("waiver.pdf", "conditional_waiver"),
        ("old COI.pdf", "insurance_certificate"),
        ("COI.pdf", "insurance_certificate"),
        ("scan.pdf", "backup"),
    ]
    reason = "Left out by the recipe: Photos (type guessed)."
    assert [(row["name"], row["reason"]) for row in backup.manifest["left_out"]] == [
        ("photo.pdf", reason)
    ]
    assert reason in " ".join(texts(backup)[-1].split())


def test_a_request_older_than_document_types_is_read_with_defaults(project, tmp_path):
    invoice = add_invoice(project, "SC-1")
    add_attachments(invoice, tmp_path, 1)
    backup = ask(project, invoice)
    request = json.loads(json.dumps(backup.request))
    for key in ("type_order", "left_out_types"):
        del request["recipe"][key]
    del request["invoices"][0]["attachments"][0]["document_type"]
    backup.request = request
    db.session.commit()

    done = run(backup)

    assert done.status == BackupStatus.DONE, done.error
    assert done.manifest["entries"][1]["document_type"] == ""
