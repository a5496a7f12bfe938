from io import BytesIO

import pytest
import sqlalchemy as sa

from models import Attachment, Signature, SignatureStatus, StoredFile, db
from services import attachments, signatures, storage
from services.attachments import NothingUploaded
from services.files import FileRefused
from tests.factories import make_attachment, make_contract, make_invoice, make_project

PDF = b"%PDF-1.7\nsigned"


@pytest.fixture
def invoice(context):
    invoice = make_invoice(make_contract(make_project()))
    db.session.commit()
    return invoice


def names(invoice):
    return [row.name for row in attachments.of_invoice(invoice.id)]


def three(invoice):
    for name in "abc":
        make_attachment(invoice, name.encode(), name=name)
    db.session.commit()
    return {row.name: row for row in attachments.of_invoice(invoice.id)}


def test_files_are_appended_in_the_order_given(invoice):
    make_attachment(invoice, b"first", name="first", position=7)
    db.session.commit()
    added = attachments.add(invoice.id, [(BytesIO(b"b"), "b.pdf"), (BytesIO(b"a"), "a.pdf")])
    assert names(invoice) == ["first", "b.pdf", "a.pdf"]
    assert len(added.sha256s) == 2
    assert added.refused == []


def test_one_refused_file_keeps_the_others(invoice):
    added = attachments.add(invoice.id, [(BytesIO(b""), "void.pdf"), (BytesIO(b"a"), "a.pdf")])
    assert names(invoice) == ["a.pdf"]
    assert added.refused == ["“void.pdf” is empty. Send it again, or another copy of it."]


def test_a_form_without_a_file_is_said_to_be_so(invoice):
    with pytest.raises(NothingUploaded, match="Choose one file"):
        attachments.add(invoice.id, [])


def test_an_invoice_that_is_gone_takes_nothing(context):
    with pytest.raises(FileRefused, match="was deleted"):
        attachments.add(999, [(BytesIO(b"a"), "a.pdf")])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 0


def test_the_same_file_twice_is_two_attachments_and_one_file(invoice):
    attachments.add(invoice.id, [(BytesIO(b"a"), "a.pdf"), (BytesIO(b"a"), "copy.pdf")])
    assert names(invoice) == ["a.pdf", "copy.pdf"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StoredFile)) == 1


@pytest.mark.parametrize(
    ("name", "direction", "order"),
    [
        ("b", "up", ["b", "a", "c"]),
        ("b", "down", ["a", "c", "b"]),
        ("a", "up", ["a", "b", "c"]),
        ("c", "down", ["a", "b", "c"]),
    ],
)
def test_moving_exchanges_neighbours(invoice, name, direction, order):
    attachments.move(three(invoice)[name], direction)
    assert names(invoice) == order


def test_moving_works_where_places_are_equal(invoice):
    for name in "abc":
        make_attachment(invoice, name.encode(), name=name, position=1)
    db.session.commit()
    attachments.move(attachments.of_invoice(invoice.id)[2], "up")
    assert names(invoice) == ["a", "c", "b"]


def test_leaving_out_and_putting_back(invoice):
    attachment = three(invoice)["b"]
    attachments.set_left_out(attachment, is_left_out=True)
    assert db.session.get(Attachment, attachment.id).is_left_out
    attachments.set_left_out(attachment, is_left_out=False)
    assert not db.session.get(Attachment, attachment.id).is_left_out


def test_removing_keeps_the_bytes_for_earlier_backups(invoice):
    attachment = three(invoice)["b"]
    sha256 = attachment.sha256
    attachments.remove(attachment)
    assert names(invoice) == ["a", "c"]
    assert storage.original(sha256).exists()


def test_a_signed_copy_is_completed_and_counts(invoice):
    sha256 = signatures.upload(invoice.id, BytesIO(PDF), "C:\\signed.pdf")
    signature = signatures.of_invoice(invoice.id)
    assert signature.status == SignatureStatus.COMPLETED
    assert (signature.name, signature.sha256) == ("signed.pdf", sha256)


def test_a_second_signed_copy_takes_the_place_of_the_first(invoice):
    signatures.upload(invoice.id, BytesIO(PDF), "one.pdf")
    signatures.upload(invoice.id, BytesIO(PDF + b" again"), "two.pdf")
    assert signatures.of_invoice(invoice.id).name == "two.pdf"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Signature)) == 1


def test_a_signed_copy_must_be_a_pdf_and_the_old_one_stays(invoice):
    signatures.upload(invoice.id, BytesIO(PDF), "one.pdf")
    with pytest.raises(FileRefused, match="is a ZIP archive, not a PDF"):
        signatures.upload(invoice.id, BytesIO(b"PK\x03\x04" + bytes(30)), "two.docx")
    assert signatures.of_invoice(invoice.id).name == "one.pdf"


def test_a_removed_signed_copy_is_gone_and_a_declined_one_stays(invoice):
    db.session.add(Signature(invoice_id=invoice.id, status=SignatureStatus.DECLINED))
    db.session.commit()
    signatures.upload(invoice.id, BytesIO(PDF), "one.pdf")
    signatures.remove(invoice.id)
    assert signatures.of_invoice(invoice.id) is None
    assert db.session.scalars(sa.select(Signature.status)).all() == [SignatureStatus.DECLINED]


def test_the_database_allows_one_signature_that_counts(invoice):
    for _ in range(2):
        db.session.add(Signature(invoice_id=invoice.id, status=SignatureStatus.PENDING))
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()
