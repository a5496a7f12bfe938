"""Addenda: what is new or changed since a backup and nothing else, under numbers that go on."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pikepdf
import pypdf
import pytest
import sqlalchemy as sa

from binder.recipe import Recipe
from models import (
    Access,
    Attachment,
    Backup,
    BackupStatus,
    Contract,
    Invoice,
    Project,
    Signature,
    SignatureStatus,
    User,
    db,
    utcnow,
)
from services import backups, files, sheets
from tests.backup_rows import NOW, add_invoice, make_pdf, make_tower
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_contract,
    make_file,
    make_invoice,
    make_invoice_line,
    make_line,
)


@pytest.fixture
def tower(app, tmp_path):
    """Invoice 1 of SC-2, with two files, and invoice 1 of SC-4, compiled as backup 1."""
    with app.app_context():
        project = make_tower()
        two, four = add_invoice(project, "SC-2"), add_invoice(project, "SC-4")
        for invoice, name in ((two, "waiver.pdf"), (two, "ticket.pdf"), (four, "scale.pdf")):
            make_attachment(invoice, make_pdf(tmp_path, f"first {name}"), name=name)
        db.session.commit()
        base = backups.request(project.id, [two.id, four.id], None, utcnow())
        assert backups.compile(base.id).status == BackupStatus.DONE
        yield SimpleNamespace(id=project.id, project=project, two=two, four=four, base=base)


def change_ticket(tower, tmp_path, words="second ticket"):
    attachment = db.session.scalars(sa.select(Attachment).filter_by(name="ticket.pdf")).one()
    attachment.sha256 = make_file(make_pdf(tmp_path, words)).sha256
    db.session.commit()


def add_later_invoice(tower, tmp_path, contract=None):
    contract = contract or db.session.get(Contract, tower.two.contract_id)
    # The lines of a contract stand on all its invoices: a new one would change the first too.
    line = contract.lines[0] if contract.lines else make_line(contract)
    position = 1 + db.session.query(Invoice).filter_by(contract_id=contract.id).count()
    period = tower.project.periods[1]
    invoice = make_invoice(contract, period=period, position=position)
    make_invoice_line(invoice, line, work_this_period=1_000_00)
    sheets.recalculate([contract.id])
    make_attachment(invoice, make_pdf(tmp_path, "a later page"), name="later.pdf")
    db.session.commit()
    return invoice


def compiled(base, now=NOW):
    addendum = backups.request_addendum(base, None, now)
    assert backups.compile(addendum.id).status == BackupStatus.DONE, addendum.error
    return addendum


def marks(backup):
    return [
        (entry["contract"], entry["position"], entry["name"], entry["mark"])
        for entry in backup.manifest["entries"]
    ]


def test_a_release_that_draws_in_another_way_changes_no_invoice(tower, tmp_path, monkeypatch):
    monkeypatch.setattr("binder.render.document.RENDERER_VERSION", 99)
    before = tower.two.content_key
    change_ticket(tower, tmp_path)

    addendum = compiled(tower.base)

    assert marks(addendum) == [("SC-2", 1, "ticket.pdf", "changed")]
    again = backups.request(tower.id, [tower.two.id], None, utcnow())
    assert backups.compile(again.id).status == BackupStatus.DONE
    assert db.session.get(Invoice, tower.two.id).content_key != before
    assert again.manifest["entries"][0]["shows"] == tower.base.manifest["entries"][0]["shows"]


def test_only_what_changed_goes_in_and_the_numbers_go_on(tower, tmp_path):
    change_ticket(tower, tmp_path)
    add_later_invoice(tower, tmp_path)
    gone = db.session.scalars(sa.select(Attachment).filter_by(name="waiver.pdf")).one()
    db.session.delete(gone)
    db.session.commit()

    addendum = compiled(tower.base)

    assert marks(addendum) == [
        ("SC-2", 1, "ticket.pdf", "changed"),
        ("SC-2", 2, "Subcontractor invoice", "new"),
        ("SC-2", 2, "later.pdf", "new"),
    ]
    follows, last = addendum.manifest["addendum"], tower.base.pages
    assert (follows["to"], follows["last_page"]) == (1, last)
    assert follows["sha256"] == tower.base.sha256
    assert follows["removed"] == [{"contract": "SC-2", "position": 1, "name": "waiver.pdf"}]
    assert addendum.file_name == (
        "Subcontractor invoice backup, addendum to backup 1 - Harbor Tower - 24-017 - "
        "2026-08-31 - 14-05-09.pdf"
    )
    reader = pypdf.PdfReader(backups.pdf_of(addendum), strict=True)
    count = len(reader.pages)
    assert reader.page_labels == [str(last + page) for page in range(1, count + 1)]
    texts = [" ".join(page.extract_text().split()) for page in reader.pages]
    for page, text in enumerate(texts, 1):
        assert f"p. {last + page} of {last + count}" in text
    assert "Addendum to backup 1" in texts[0]
    assert "Since backup 1: 2 new, 1 changed, 1 removed" in texts[0]
    assert "waiver.pdf Removed" in texts[1]
    assert f"addendum to backup 1 of {NOW:%b}"[:24] in texts[-1]
    assert tower.base.sha256 in texts[-1]
    assert "second ticket" in "".join(texts)
    assert "first" not in "".join(texts)
    entry = addendum.manifest["entries"][0]
    number = last + entry["first_page"]
    assert f"ticket.pdf Changed {number}" in texts[1], texts[1]
    with pikepdf.open(backups.pdf_of(addendum)) as pdf:
        titles = [str(item.title) for item in pdf.open_outline().root]
    assert titles[0] == f"Cover · p. {last + 1}"
    assert titles[-1] == f"Receipt · p. {last + count}"


def test_what_its_recipe_leaves_out_was_not_removed(tower, tmp_path):
    invoice = add_later_invoice(tower, tmp_path)
    chosen = [tower.two.id, tower.four.id, invoice.id]
    db.session.execute(sa.update(Attachment).values(document_type="photo"))
    db.session.commit()
    recipe = Recipe(left_out_types=("photo",))

    addendum = backups.request(tower.project.id, chosen, None, NOW, recipe, base=tower.base)

    frozen = backups.frozen_request(addendum).addendum
    assert frozen.removed == ()
    assert "waiver.pdf" in {document.name for document in frozen.held}


def test_an_addendum_can_follow_an_addendum(tower, tmp_path):
    change_ticket(tower, tmp_path)
    first = compiled(tower.base)
    with pytest.raises(backups.NothingNew, match="since backup 2, so nothing was queued"):
        backups.request_addendum(first, None, NOW)
    later = add_later_invoice(tower, tmp_path)

    second = compiled(first)

    assert {(contract, position) for contract, position, _, _ in marks(second)} == {("SC-2", 2)}
    before = tower.base.pages + first.pages
    assert second.manifest["addendum"]["last_page"] == before
    assert second.manifest["addendum"]["to"] == 2
    # What the first backup held and nobody touched is still held after two addenda.
    db.session.delete(db.session.get(Invoice, later.id))
    change_ticket(tower, tmp_path, "third ticket")
    third = compiled(second)
    assert marks(third) == [("SC-2", 1, "ticket.pdf", "changed")]
    assert {row["position"] for row in third.manifest["addendum"]["removed"]} == {2}


def test_nothing_changed_or_only_removed_is_a_sentence_and_no_backup(tower):
    with pytest.raises(backups.NothingNew, match="Nothing is new or changed since backup 1, so"):
        backups.request_addendum(tower.base, None, NOW)
    db.session.delete(db.session.scalars(sa.select(Attachment).filter_by(name="scale.pdf")).one())
    db.session.commit()
    with pytest.raises(backups.NothingNew, match="1 document was removed"):
        backups.request_addendum(tower.base, None, NOW)
    assert db.session.query(Backup).count() == 1


def test_a_signed_copy_replaces_the_drawing_of_the_backup_before(tower, tmp_path):
    signed = make_file(make_pdf(tmp_path, "signed")).sha256
    db.session.add(
        Signature(
            invoice_id=tower.four.id,
            status=SignatureStatus.COMPLETED,
            sha256=signed,
            name="signed.pdf",
        )
    )
    db.session.commit()
    addendum = compiled(tower.base)
    assert marks(addendum) == [("SC-4", 1, "signed.pdf", "new")]
    assert [row["name"] for row in addendum.manifest["addendum"]["removed"]] == ["Invoice"]


def test_a_drawing_that_says_something_else_is_changed(tower):
    tower.four.number = "A-113"
    db.session.commit()
    assert marks(compiled(tower.base)) == [("SC-4", 1, "Subcontractor invoice", "changed")]


def test_the_page_takes_new_contracts_only_where_the_backup_held_the_project(tower, tmp_path):
    other = make_contract(tower.project, number="SC-9")
    later = add_later_invoice(tower, tmp_path, contract=other)
    assert later.id in backups.addenda.scope(tower.base, None)
    later.created = tower.base.requested_at - timedelta(days=1)
    newest = add_later_invoice(tower, tmp_path)
    assert sorted(backups.addenda.scope(tower.base, None)) == sorted(
        [tower.two.id, tower.four.id, newest.id]
    )


def test_an_addendum_needs_nothing_of_a_base_that_was_deleted_meanwhile(tower, tmp_path):
    change_ticket(tower, tmp_path)
    addendum = backups.request_addendum(tower.base, None, NOW)
    backups.delete(tower.base)
    assert backups.compile(addendum.id).status == BackupStatus.DONE
    with pytest.raises(backups.NothingToFollow, match="Backup 1, which this addendum follows"):
        backups.run_again(addendum, None, NOW)


def test_run_again_makes_the_addendum_anew(tower, tmp_path):
    change_ticket(tower, tmp_path)
    addendum = compiled(tower.base)
    later = add_later_invoice(tower, tmp_path)
    again = backups.run_again(addendum, None, NOW)
    assert again.request["addendum"]["to"] == 1
    # The same invoices: what came later has the addendum of its own.
    assert later.id not in again.request["addendum"]["chosen"]
    assert [row["id"] for row in again.request["invoices"]] == [tower.two.id]


def test_a_split_addendum_counts_through_its_volumes(tower, tmp_path):
    change_ticket(tower, tmp_path)
    add_later_invoice(tower, tmp_path)
    chosen = backups.addenda.scope(tower.base, None)
    recipe = Recipe(volume_pages=5)
    addendum = backups.request(tower.id, chosen, None, NOW, recipe, base=tower.base)
    assert backups.compile(addendum.id).status == BackupStatus.DONE, addendum.error
    last = tower.base.pages
    numbers = []
    for file in backups.files_of(addendum):
        labels = pypdf.PdfReader(file.path, strict=True).page_labels
        assert len(labels) == file.pages
        numbers += map(int, labels)
    assert len(backups.files_of(addendum)) > 1
    assert numbers == list(range(last + 1, last + 1 + addendum.pages))


def test_who_may_not_see_the_backup_before_does_not_see_its_addendum(bob, tower, tmp_path):
    change_ticket(tower, tmp_path)
    addendum = compiled(tower.base)
    join(bob, tower.project, Access.READ_ONLY)
    reader = db.session.get(User, bob)
    seen = Backup.visible_to(reader, tower.id).with_only_columns(Backup.id)
    assert set(db.session.scalars(seen)) == {tower.base.id, addendum.id}
    # SC-4 is in the backup before only.
    db.session.get(Contract, tower.four.contract_id).is_private = True
    db.session.commit()
    assert list(db.session.scalars(seen)) == []


def test_requests_older_than_addenda_still_load(tower):
    older = json.loads(json.dumps(tower.base.request))
    del older["addendum"]
    tower.base.request = older
    db.session.commit()
    assert backups.frozen_request(tower.base).addendum is None
    with pytest.raises(backups.NothingNew):
        backups.request_addendum(tower.base, None, NOW)


# In the browser


def test_the_button_compiles_an_addendum_and_a_second_press_says_why_not(
    app, client, tower, tmp_path
):
    home = f"/projects/{tower.id}/backups"
    page = client.get(f"{home}/{tower.base.id}").text
    assert "Compile addendum" in page
    refused = client.post(f"{home}/{tower.base.id}/addendum")
    assert refused.status_code == 422
    assert "Nothing is new or changed since backup 1" in refused.text
    change_ticket(tower, tmp_path)
    answer = client.post(f"{home}/{tower.base.id}/addendum")
    assert answer.status_code == 303
    assert "addendum to backup 1 - Harbor Tower" in client.get(answer.location).text
    assert backups.compile(int(answer.location.rsplit("/", 1)[1])).status == BackupStatus.DONE
    page = client.get(answer.location).text
    assert f'href="{home}/{tower.base.id}">backup 1</a>' in page
    assert "changed</span>" in page
    # People read the number that is printed; the link opens the page of the file.
    addendum = db.session.scalars(sa.select(Backup).where(Backup.number == 2)).one()
    [entry] = addendum.manifest["entries"]
    number = tower.base.pages + entry["first_page"]
    assert f'#page={entry["first_page"]}" target="_blank" rel="noopener">{number}</a>' in page
    assert "Compare with the one before" not in page
    assert "There is no finished backup before backup 1." in client.get(f"{home}/compare").text


def test_the_panel_compiles_an_addendum_of_what_is_ticked(client, tower, tmp_path):
    home = f"/projects/{tower.id}"
    assert "an addendum: what is new since backup 1" in client.get(f"{home}/invoicing").text
    form = {"invoice": [tower.two.id], "since": "1"}
    refused = client.post(f"{home}/backups", data=form)
    assert refused.status_code == 422
    assert "Nothing is new or changed since backup 1" in refused.text
    unknown = client.post(f"{home}/backups", data=form | {"since": "9" * 30})
    assert unknown.status_code == 422
    assert "no backup “99999999999999999999” to follow" in unknown.text
    change_ticket(tower, tmp_path)
    assert client.post(f"{home}/backups", data=form).status_code == 303


def test_an_addendum_needs_a_finished_backup_and_closed_periods(client, tower, tmp_path):
    home = f"/projects/{tower.id}/backups"
    change_ticket(tower, tmp_path)
    make_attachment(tower.two, b"%PDF-1.7 cut", name="cut.pdf")
    db.session.commit()
    files.ensure_inspected(db.session.scalars(sa.select(Attachment.sha256)).all())
    blocked = client.post(f"{home}/{tower.base.id}/addendum")
    assert blocked.status_code == 422
    assert "An addendum to backup 1 cannot be compiled yet" in blocked.text
    assert f'action="{home}/{tower.base.id}/addendum"' in blocked.text
    tower.base.status = BackupStatus.FAILED
    db.session.commit()
    refused = client.post(f"{home}/{tower.base.id}/addendum")
    assert refused.status_code == 422
    assert "Backup 1 is not finished" in refused.text


def test_strangers_find_no_addendum(stranger, tower):
    assert (
        stranger.post(f"/projects/{tower.id}/backups/{tower.base.id}/addendum").status_code == 404
    )
    assert db.session.query(Project).count() == 1
