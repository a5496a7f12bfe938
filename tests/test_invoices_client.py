import re
from datetime import date, timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from models import Access, Attachment, Invoice, InvoiceStatus, Signature, StoredFile, db, utcnow
from services import attachments, drawings, files, sheets
from tests.conftest import join
from tests.factories import (
    make_attachment,
    make_change_order,
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)
from tests.pdfs import write_encrypted, write_pdf, write_picture
from tests.statements import counted_statements

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(app, bob):
    """The second of three invoices: 500 of work, 200 stored, 50 released; a deduction."""
    with app.app_context():
        project = make_project()
        contract = make_contract(project, number="SC-7")
        line = make_line(contract, item="010", scheduled_value=4_000_00)
        order = make_change_order(contract, number="CO-1", approved_date=date(2026, 6, 1))
        credit = make_line(contract, change_order_id=order.id, item="1", scheduled_value=-400_00)
        one = make_invoice(contract, period=make_period(project, 6), position=1)
        make_invoice_line(one, line, work_this_period=1_000_00)
        two = make_invoice(
            contract,
            period=make_period(project, 7),
            position=2,
            number="INV-B",
            status=InvoiceStatus.UNDER_REVIEW,
            billing_date=date(2026, 7, 25),
            comments="First line <b>\nsecond line",
        )
        make_invoice_line(
            two, line, work_this_period=500_00, new_stored=200_00, work_retainage_released=50_00
        )
        make_invoice_line(two, credit, work_this_period=-100_00)
        make_invoice(contract, position=3)
        sheets.recalculate([contract.id])
        join(bob, project, Access.READ_ONLY)
        db.session.commit()
        return f"/projects/{project.id}/invoices/{two.id}"


def id_of(url):
    return int(url.rpartition("/")[2])


def text_of(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def attach(app, url, content, name, *, inspect=True, **values):
    with app.app_context():
        invoice = db.session.get(Invoice, id_of(url))
        row = make_attachment(invoice, content, name=name, **values)
        db.session.commit()
        attachment_id, sha256 = row.id, row.sha256
        if inspect:
            files.inspect(sha256)
        return f"{url}/attachments/{attachment_id}"


def names(app, url):
    with app.app_context():
        return [row.name for row in attachments.of_invoice(id_of(url))]


def fetch(client, address, **options):
    """A file to the end, and closed, as a web server does."""
    return client.get(address, buffered=True, **options)


def upload(*contents):
    return {"files": [(BytesIO(content), name) for content, name in contents]}


# The page


def test_the_heading_names_invoice_contract_and_period(client, url):
    page = text_of(client.get(url))
    assert "Invoice 2 INV-B Under Review" in page
    assert "Jul 1 – 28, 2026 · billed Jul 25, 2026" in page


def test_the_summary_has_lines_1_to_9(client, url):
    page = text_of(client.get(url))
    for line in (
        "1 Original contract sum 4,000.00",
        "2 Net change by change orders (400.00)",
        "3 Contract sum to date 3,600.00",
        "4 Total completed and stored to date 44.44% 1,600.00",
        "5a Retainage of completed work 6.43% 90.00",
        "5b Retainage of stored material 10.00% 20.00",
        "5 Total retainage 110.00",
        "6 Total earned less retainage 1,490.00",
        "7 Less previous certificates for payment 900.00",
        "8 Current payment due 590.00",
        "9 Balance to finish, including retainage 2,110.00",
    ):
        assert line in page


def test_the_change_order_box_splits_by_period(client, url):
    page = text_of(client.get(url))
    assert "Additions 0.00 0.00 0.00 Deductions (400.00) 0.00 (400.00)" in page


def test_the_schedule_shows_all_columns_grouped_with_totals(client, url):
    page = text_of(client.get(url))
    line = "4,000.00 1,000.00 500.00 0.00 200.00 200.00 1,700.00 42.50% 2,300.00"
    assert f"{line} 50.00 50.00 100.00 20.00 120.00" in page
    assert "Change order CO-1 Extra work (400.00) 0.00 (100.00)" in page
    total = "Total 3,600.00 1,000.00 400.00 0.00 200.00 200.00 1,600.00 44.44% 2,000.00"
    assert f"{total} 40.00 50.00 90.00 20.00 110.00" in page
    assert "Work, released" in page
    assert "Installed" not in page


def test_the_neighbours_are_linked(client, url):
    page = client.get(url).text
    assert len(re.findall(r'rel="(prev|next)"', page)) == 2
    last = re.search(r'href="([^"]+)" rel="next"', page)[1]
    assert 'rel="next"' not in client.get(last).text
    assert "No billing period" in client.get(last).text


def test_comments_are_text(client, url):
    assert "First line &lt;b&gt;\nsecond line" in client.get(url).text


def test_a_stranger_finds_nothing(app, stranger, url):
    attachment = attach(app, url, b"hello", "a.pdf", inspect=False)
    for rest in ("", "/pdf", "/attachments", "/signature", "/signature/card"):
        assert stranger.get(url + rest).status_code == 404
    for rest in ("", "/thumbnail"):
        assert stranger.get(attachment + rest).status_code == 404
    for rest in ("/attachments", "/signature", "/signature/remove"):
        assert stranger.post(url + rest).status_code == 404
    for verb in ("move", "remove", "leave-out", "put-back"):
        assert stranger.post(f"{attachment}/{verb}").status_code == 404
    assert names(app, url) == ["a.pdf"]


def test_a_reader_sees_no_buttons_and_changes_nothing(app, member, url):
    attachment = attach(app, url, b"hello", "a.txt")
    page = member.get(url).text
    main = page[page.index("<main") :]
    assert "a.txt" in main
    assert "<form" not in main
    for rest in ("/attachments", "/signature", "/signature/remove"):
        data = upload((b"a", "b.pdf"))
        assert member.post(url + rest, data=data).status_code == 403
    for verb in ("move", "remove", "leave-out", "put-back"):
        assert member.post(f"{attachment}/{verb}").status_code == 403
    assert names(app, url) == ["a.txt"]


def test_an_attachment_is_served_under_its_own_invoice_only(app, client, url):
    attachment = attach(app, url, b"hello", "a.pdf", inspect=False)
    page = client.get(url).text
    other = re.search(r'href="([^"]+)" rel="next"', page)[1]
    moved = attachment.replace(url, other)
    assert fetch(client, attachment).status_code == 200
    assert client.get(moved).status_code == 404
    assert client.post(f"{moved}/remove").status_code == 404


def test_more_attachments_take_no_more_statements(app, client, url):
    attach(app, url, b"first", "first.txt")
    with counted_statements() as few:
        client.get(url)
    for number in range(8):
        attach(app, url, b"%d" % number, f"{number}.txt")
    with counted_statements() as many:
        client.get(url)
    assert len(many) == len(few)


# Attachments


def test_several_files_are_uploaded_at_once_and_looked_into(app, client, url, work, tmp_path):
    pdf = write_pdf(tmp_path / "a.pdf", ["One", "Two", "Three"]).read_bytes()
    answer = client.post(f"{url}/attachments", data=upload((pdf, "a.pdf"), (b"text", "b.txt")))
    assert (answer.status_code, answer.location) == (303, f"{url}#attachments")
    assert "is being checked" in client.get(url).text
    work()
    page = text_of(client.get(url))
    assert "PDF · 3 pages" in page
    assert "is a file of another kind, not a PDF or a picture" in page
    assert "In backups, a page that names it stands in for it." in page
    assert "is being checked" not in page


def test_the_waiting_list_asks_again_until_all_is_known(app, client, url, work):
    answer = client.post(f"{url}/attachments", data=upload((b"text", "a.txt")), headers=HTMX)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    again = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:1s"', answer.text)[1]
    waiting = client.get(again, headers=HTMX).text
    assert "waited=2" in waiting
    assert 'type="file"' not in waiting
    later = client.get(f"{url}/attachments?waited=500", headers=HTMX).text
    assert 'hx-trigger="load delay:15s"' in later
    work()
    assert "hx-trigger" not in client.get(again, headers=HTMX).text


def test_the_list_alone_leads_to_the_page_without_htmx(client, url):
    assert client.get(f"{url}/attachments").location == f"{url}#attachments"


def test_a_lost_file_is_asked_for_again(app, client, url, work):
    attach(app, url, b"text", "a.txt", inspect=False)
    with app.app_context():
        db.session.execute(sa.update(StoredFile).values(created=utcnow() - timedelta(hours=1)))
        db.session.commit()
    assert "is being checked" in client.get(url).text
    work()
    assert "is being checked" not in client.get(url).text


def test_an_empty_file_is_named_and_the_others_stay(app, client, url):
    answer = client.post(f"{url}/attachments", data=upload((b"", "empty.pdf"), (b"b", "b.pdf")))
    assert answer.status_code == 422
    assert "“empty.pdf” is empty." in text_of(answer)
    assert "1 of 2 files was uploaded." in text_of(answer)
    assert "<!doctype html>" in answer.text
    assert names(app, url) == ["b.pdf"]


def test_a_large_file_is_named(app, client, url):
    app.config["MAX_FILE_SIZE"] = 100_000
    data = upload((bytes(150_000), "scan.pdf"))
    answer = client.post(f"{url}/attachments", data=data, headers=HTMX)
    assert answer.status_code == 422
    assert "“scan.pdf” has 150.0 kB; one file may have 100.0 kB." in text_of(answer)
    assert names(app, url) == []


def test_no_file_at_all_is_said(client, url):
    answer = client.post(f"{url}/attachments", data={"files": (BytesIO(b""), "")})
    assert answer.status_code == 422
    assert "Choose one file or several first." in answer.text


def test_moving_removing_and_leaving_out(app, client, url):
    first = attach(app, url, b"a", "a.pdf")
    second = attach(app, url, b"b", "b.pdf")
    client.post(f"{second}/move", data={"direction": "up"})
    assert names(app, url) == ["b.pdf", "a.pdf"]
    left = client.post(f"{second}/leave-out", headers=HTMX)
    assert "b.pdf Left out of backups" in text_of(left)
    assert "No backup can be compiled" not in text_of(left).partition("a.pdf")[0]
    assert "Left out of backups" not in client.post(f"{second}/put-back", headers=HTMX).text
    answer = client.post(f"{first}/remove")
    assert answer.location == f"{url}#attachments"
    assert names(app, url) == ["b.pdf"]


def test_a_problem_says_what_to_ask_for_and_what_it_stops(app, client, url, tmp_path):
    content = write_encrypted(tmp_path / "a.pdf", user="x").read_bytes()
    attachment = attach(app, url, content, "payroll.pdf")
    page = text_of(client.get(url))
    assert "“payroll.pdf” is locked with a password." in page
    assert "No backup can be compiled until it is replaced or left out." in page
    client.post(f"{attachment}/leave-out")
    page = text_of(client.get(url))
    assert "No backup can be compiled" not in page
    assert "The last page of each backup lists it as left out." in page


@pytest.mark.parametrize(
    ("file", "served_as"),
    [
        ((b"%PDF-1.7\n", "a.pdf"), ("application/pdf", "inline")),
        ((b"<html><script>alert(1)</script>", "a.pdf"), ("application/octet-stream", "attachment")),
        ((b"<svg xmlns='x'>", "a.svg"), ("application/octet-stream", "attachment")),
        ((b"plain", "a.html"), ("application/octet-stream", "attachment")),
    ],
)
def test_only_pdfs_and_pictures_are_shown(app, client, url, file, served_as):
    answer = fetch(client, attach(app, url, *file, inspect=False))
    assert answer.data == file[0]
    assert (answer.mimetype, answer.headers["Content-Disposition"].split(";")[0]) == served_as
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "private" in answer.headers["Cache-Control"]


def test_a_file_is_saved_under_its_name_in_any_script(app, client, url):
    attachment = attach(app, url, b"%PDF-1.7", "Größe “見積” 1.pdf", inspect=False)
    disposition = fetch(client, f"{attachment}?download=1").headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''Gr%C3%B6%C3%9Fe%20" in disposition


def test_bytes_that_are_gone_are_a_404_that_says_so(app, client, url):
    from services import storage

    attachment = attach(app, url, b"%PDF-1.7", "a.pdf", inspect=False)
    with app.app_context():
        storage.original(db.session.scalar(sa.select(Attachment.sha256))).unlink()
    answer = client.get(attachment)
    assert answer.status_code == 404
    assert "“a.pdf” is missing from the data folder." in answer.text


def test_a_preview_is_served_as_png(app, client, url, tmp_path):
    picture = write_picture(tmp_path / "a.jpg", "JPEG").read_bytes()
    attachment = attach(app, url, picture, "a.jpg")
    assert f"{attachment}/thumbnail" in client.get(url).text
    answer = fetch(client, f"{attachment}/thumbnail")
    assert answer.mimetype == "image/png"
    assert answer.data.startswith(b"\x89PNG")
    assert client.get(f"{attach(app, url, b'x', 'x.bin')}/thumbnail").status_code == 404


# The signed copy


def test_a_signed_copy_is_uploaded_shown_replaced_and_removed(app, client, url, tmp_path):
    pdf = write_pdf(tmp_path / "a.pdf").read_bytes()
    answer = client.post(f"{url}/signature", data={"file": (BytesIO(pdf), "signed.pdf")})
    assert answer.location == f"{url}#signed-copy"
    page = text_of(client.get(url))
    assert "signed.pdf Signed copy" in page
    assert "Replace the signed copy" in page
    shown = fetch(client, f"{url}/signature")
    assert (shown.mimetype, shown.data) == ("application/pdf", pdf)
    card = client.post(
        f"{url}/signature", data={"file": (BytesIO(pdf + b"\n"), "second.pdf")}, headers=HTMX
    ).text
    assert "second.pdf" in card
    assert "hx-trigger" in card
    client.post(f"{url}/signature/remove")
    assert client.get(f"{url}/signature").status_code == 404
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Signature)) == 0


def test_a_picture_is_no_signed_copy(client, url):
    data = {"file": (BytesIO(b"\x89PNG\r\n\x1a\n" + b"\0" * 40), "signed.png")}
    answer = client.post(f"{url}/signature", data=data)
    assert answer.status_code == 422
    assert "“signed.png” is a picture, not a PDF." in text_of(answer)


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_signed_copy_must_be_a_pdf(client, url, headers):
    data = {"file": (BytesIO(b"plain words"), "signed.txt")}
    answer = client.post(f"{url}/signature", data=data, headers=headers)
    assert answer.status_code == 422
    assert "“signed.txt” is a file of another kind, not a PDF." in text_of(answer)
    assert ("<!doctype html>" in answer.text) is not bool(headers)


def test_a_signature_form_without_a_file_is_said(client, url):
    answer = client.post(f"{url}/signature")
    assert answer.status_code == 422
    assert "Choose the signed PDF first." in answer.text


# The drawn invoice


def test_an_undrawn_invoice_is_drawn_and_then_served(app, client, url, work):
    waiting = client.get(f"{url}/pdf")
    assert "The invoice is being drawn." in waiting.text
    assert waiting.headers["Refresh"] == f"1; url={url}/pdf?waited=1"
    fragment = client.get(f"{url}/pdf?waited=1", headers=HTMX).text
    assert "waited=2" in fragment
    work()
    answer = fetch(client, f"{url}/pdf?waited=2")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"] == 'inline; filename="Invoice SC-7 - INV-B.pdf"'
    assert "Refresh" not in answer.headers
    done = client.get(f"{url}/pdf?waited=2", headers=HTMX).text
    assert "<iframe" in done
    assert "hx-trigger" not in done


def test_a_drawing_of_an_older_state_is_not_served(app, client, url):
    with app.app_context():
        drawings.draw(id_of(url))
    assert fetch(client, f"{url}/pdf").mimetype == "application/pdf"
    with app.app_context():
        db.session.get(Invoice, id_of(url)).comments = "Changed"
        db.session.commit()
    assert "The invoice is being drawn." in client.get(f"{url}/pdf").text


def test_a_stopped_queue_is_said(app, client, url):
    from redis import Redis

    app.extensions["redis"].close()
    app.extensions["redis"] = Redis(port=1)
    for waited in (0, 1):
        assert "The queue cannot be reached." in client.get(f"{url}/pdf?waited={waited}").text


def test_a_signed_copy_that_cannot_be_read_is_called_unusable(app, client, url, tmp_path):
    pdf = write_pdf(tmp_path / "a.pdf").read_bytes()
    client.post(f"{url}/signature", data={"file": (BytesIO(pdf), "signed.pdf")})
    with app.app_context():
        row = db.session.scalars(sa.select(Signature)).one().file
        row.facts = {"media_type": "application/pdf", "problem": "password"}
        row.problem = "password"
        db.session.commit()
    page = text_of(client.get(url))
    assert "signed.pdf Unusable" in page
    assert "Backups hold it in place" not in page
