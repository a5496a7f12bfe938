from io import BytesIO

import pytest

from models import Attachment, DocumentType, db
from services import attachments, document_types
from services.document_types import MOST_OWN, TypeRefused
from tests.factories import make_attachment, make_contract, make_invoice, make_project

PDF = b"%PDF-1.7 no"


@pytest.fixture
def project(context):
    project = make_project()
    db.session.commit()
    return project


@pytest.fixture
def invoice(project):
    invoice = make_invoice(make_contract(project))
    db.session.commit()
    return invoice


def types(invoice):
    return [
        (row.document_type, row.is_type_confirmed) for row in attachments.of_invoice(invoice.id)
    ]


def test_a_type_of_its_own_gets_a_code_that_its_name_suggests(project):
    made = [
        document_types.add(project.id, name).code
        for name in ("  Waste\u202e manifest ", "Waste-manifest", "Photo", "証明書", "x" * 80)
    ]
    assert made == ["waste_manifest", "waste_manifest_2", "photo_2", "own", "x" * 34]
    assert all(map(document_types.is_code, made))
    assert list(document_types.names_of(project.id).values())[-5:] == [
        "Photo", "Waste manifest", "Waste-manifest", "x" * 80, "証明書",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (" \u200b ", "Give the document type a name."),
        ("x" * 81, "The name has 81 characters; 80 is the most."),
        ("PHOTOS", "There is a document type “PHOTOS” already."),
        ("waste MANIFEST", "There is a document type “waste MANIFEST” already."),
    ],
)
def test_a_name_that_tells_nothing_apart_is_refused(project, name, sentence):
    other = document_types.add(project.id, "Bond")
    document_types.add(project.id, "Waste manifest")
    with pytest.raises(TypeRefused) as added:
        document_types.add(project.id, name)
    with pytest.raises(TypeRefused) as renamed:
        document_types.rename(other, name)
    assert {str(added.value), str(renamed.value)} == {sentence}


def test_a_list_of_types_stays_one_that_people_read(project):
    for number in range(MOST_OWN):
        document_types.add(project.id, f"Type {number}")
    with pytest.raises(TypeRefused, match="at most 40"):
        document_types.add(project.id, "One more")


def test_another_projects_types_are_none_of_ours(project):
    document_types.add(project.id, "Bond")
    assert "bond" not in document_types.names_of(make_project().id)


def test_a_type_in_use_stays(project, invoice):
    bond = document_types.add(project.id, "Bond")
    row = make_attachment(invoice, PDF, document_type="bond")
    with pytest.raises(TypeRefused, match="“Bond” is the type of 1 attachment"):
        document_types.remove(bond)
    attachments.set_type(row, "backup")
    document_types.remove(bond)
    assert db.session.get(DocumentType, bond.id) is None


def test_an_uploaded_file_is_what_its_name_says_until_somebody_confirms(invoice):
    attachments.add(invoice.id, [(BytesIO(b"a"), "COI.pdf"), (BytesIO(b"b"), "Scan 1.pdf")])
    assert types(invoice) == [("insurance_certificate", False), ("backup", False)]
    attachments.confirm_types(invoice.id)
    assert types(invoice) == [("insurance_certificate", True), ("backup", True)]


def test_a_type_that_is_chosen_at_the_upload_is_no_guess(invoice):
    attachments.add(invoice.id, [(BytesIO(b"a"), "COI.pdf")], "conditional_waiver")
    assert types(invoice) == [("conditional_waiver", True)]
    with pytest.raises(TypeRefused, match="does not exist any more"):
        attachments.add(invoice.id, [(BytesIO(b"a"), "COI.pdf")], "no_such")
    assert len(types(invoice)) == 1


def test_guessing_again_finds_new_types_and_leaves_what_was_confirmed(project, invoice):
    make_attachment(invoice, b"1", name="Waste manifest.pdf")
    make_attachment(invoice, b"2", name="Waste manifest 2.pdf", is_type_confirmed=True)
    db.session.commit()
    document_types.add(project.id, "Waste manifest")
    attachments.guess_types(invoice.id)
    assert types(invoice) == [("waste_manifest", False), ("backup", True)]


def test_guessing_in_a_whole_project_stays_in_it(project, invoice):
    elsewhere = make_invoice(make_contract(make_project()))
    for each in (invoice, elsewhere):
        make_attachment(each, b"1", name="Lien waiver.pdf")
        make_attachment(each, b"2", name="Scan.pdf")
    db.session.commit()
    assert document_types.guess_in_project(project.id) == 1
    assert document_types.guess_in_project(project.id) == 0
    assert types(invoice)[0] == ("conditional_waiver", False)
    assert types(elsewhere)[0] == ("backup", False)


def test_a_certificate_expires_on_a_day(invoice):
    row = make_attachment(invoice, PDF)
    attachments.set_type(row, "insurance_certificate", " 2026-12-31 ")
    assert db.session.get(Attachment, row.id).expires.isoformat() == "2026-12-31"
    attachments.set_type(row, "insurance_certificate", "")
    assert row.expires is None


@pytest.mark.parametrize(
    ("document_type", "expires", "sentence"),
    [
        ("no_such", "", "does not exist any more"),
        ("backup", "31/12/2026", "must be a date like 2026-08-31, not “31/12/2026”"),
        ("backup", "0202-01-01", "in the year 202"),
        ("backup", "\ud800", "must be a date"),
    ],
)
def test_a_type_or_a_day_that_cannot_be_is_refused(invoice, document_type, expires, sentence):
    row = make_attachment(invoice, PDF)
    with pytest.raises(TypeRefused, match=sentence):
        attachments.set_type(row, document_type, expires)
    db.session.rollback()
