"""Links, recipients and mails of finished backups, with a real mail server."""

import re
import sqlite3
from datetime import timedelta
from threading import Timer

import httpx
import pytest
import sqlalchemy as sa

from jobs.mail import send_backup_link, send_mail
from models import (
    Access,
    AuditEntry,
    Backup,
    BackupLink,
    BackupStatus,
    DeliveryPlan,
    MailDelivery,
    MailKind,
    MailState,
    Project,
    Recipient,
    User,
    backup_contract,
    db,
    utcnow,
    writing,
)
from services.backups import places
from services.backups.entries import ending
from services.delivery import links, mails, plans, trying
from services.delivery.texts import DEFAULT, TextRefused, Texts
from services.formats import day
from tests.backup_rows import make_backup
from tests.conftest import join
from tests.factories import make_contract, make_project

CONTENT = b"%PDF-1.7 " + bytes(range(256)) * 40


@pytest.fixture
def project(app, alice):
    with app.app_context():
        project = make_project(name="Harbor Tower", number="24-017")
        db.session.commit()
        return project.id


def set_plan(project_id, **values):
    subject_and_message = {"subject": DEFAULT.subject, "message": DEFAULT.message}
    plan = db.session.get(DeliveryPlan, project_id) or DeliveryPlan(project_id=project_id)
    for name, value in (subject_and_message | values).items():
        setattr(plan, name, value)
    db.session.add(plan)
    db.session.commit()


def add_backup(project_id, **values):
    values = {"content": CONTENT} | values
    backup = make_backup(db.session.get(Project, project_id), **values)
    db.session.commit()
    return backup


@pytest.fixture
def backup(app, project, alice):
    """The id of a finished backup that Alice asked for; anyone with a link may download."""
    with app.app_context():
        set_plan(project, is_public=True)
        return add_backup(project, requested_by_id=alice).id


def make_link(app, backup_id, now=None, **values):
    """A link's path."""

    with app.app_context():
        link = links.create(db.session.get(Backup, backup_id), now or utcnow())
        for name, value in values.items():
            setattr(link, name, value)
        db.session.commit()
        return f"/b/{links.token_of(link)}"


def test_an_outside_reader_sees_the_facts_and_gets_the_file(app, backup):
    path, reader = make_link(app, backup), app.test_client()

    page = reader.get(path)
    assert "Harbor Tower" in page.text
    assert f'href="{path}/file"' in page.text
    assert "3 pages" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    answer = reader.get(f"{path}/file", buffered=True)
    assert answer.data == CONTENT
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_looking_at_a_link_any_number_of_times_uses_nothing_up(app, backup):
    path, scanner = make_link(app, backup), app.test_client()
    for _ in range(3):
        assert scanner.head(path).status_code == 200
        assert scanner.get(path).status_code == 200
        scanner.head(f"{path}/file").close()

    assert scanner.get(f"{path}/file", buffered=True).data == CONTENT
    with app.app_context():
        assert db.session.scalars(sa.select(BackupLink.downloads)).one() == 1


def test_the_database_knows_no_token_and_each_has_128_bits_or_more(app, backup):
    path = make_link(app, backup)
    token = path.removeprefix("/b/")
    with app.app_context():
        assert len(token) * 6 >= 128
        dump = repr(db.session.execute(sa.text("SELECT * FROM backup_link")).all())
        assert token not in dump
        assert BackupLink.hash_of(token) in dump


@pytest.mark.parametrize("values", [{"revoked_at": utcnow()}, {"expires": utcnow()}])
def test_a_dead_link_looks_like_one_that_never_was(app, backup, values):
    path, reader = make_link(app, backup, **values), app.test_client()

    for tail in ("", "/file"):
        dead, unknown = reader.get(path + tail), reader.get(f"/b/{'x' * 32}{tail}")
        assert (dead.status_code, unknown.status_code) == (404, 404)
        # Above, a token against forgery tells the second at which it was made.
        assert dead.text.partition("<main")[2] == unknown.text.partition("<main")[2] != ""
        assert "Harbor" not in dead.text


def test_each_download_is_recorded_with_who_when_and_the_address(app, backup):
    path, reader = make_link(app, backup), app.test_client()
    reader.get(f"{path}/file", environ_base={"REMOTE_ADDR": "203.0.113.9"}).close()

    with app.app_context():
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "backup.downloaded")
        ).one()
        assert (entry.address, entry.actor) == ("203.0.113.9", "Somebody not signed in")
        assert entry.detail["link_for"] == "anybody it was passed on to"


def test_a_broken_download_goes_on_where_it_ended_but_only_with_the_same_file(app, backup):
    path, reader = f"{make_link(app, backup)}/file", app.test_client()
    whole = reader.get(path, buffered=True)
    etag = whole.headers["ETag"]
    with app.app_context():
        [sha256] = db.session.scalars(sa.text("SELECT sha256 FROM backup"))
    assert etag == f'"{sha256}"'
    assert whole.headers["Accept-Ranges"] == "bytes"

    rest = {"Range": "bytes=100-", "If-Range": etag}
    answer = reader.get(path, headers=rest, buffered=True)
    assert (answer.status_code, answer.data) == (206, CONTENT[100:])
    assert answer.headers["Content-Range"] == f"bytes 100-{len(CONTENT) - 1}/{len(CONTENT)}"
    other = reader.get(path, headers=rest | {"If-Range": '"another"'}, buffered=True)
    assert (other.status_code, other.data) == (200, CONTENT)
    beyond = reader.get(path, headers={"Range": "bytes=999999999-"}, buffered=True)
    assert beyond.status_code == 416
    assert reader.get(path, headers={"If-None-Match": etag}, buffered=True).status_code == 304


def test_the_real_web_server_sends_pieces_too(app, backup, server):
    address = f"{server}{make_link(app, backup)}/file"

    whole = httpx.get(address)
    rest = {"Range": "bytes=100-199", "If-Range": whole.headers["ETag"]}
    piece = httpx.get(address, headers=rest)

    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert (piece.status_code, piece.content) == (206, CONTENT[100:200])


@pytest.mark.parametrize("pieces", ["bytes=0-4,100-104", "bytes=0-4,-5", "pages=1-2"])
def test_who_asks_for_several_pieces_at_once_gets_all_of_it(app, backup, pieces):
    path, reader = f"{make_link(app, backup)}/file", app.test_client()
    whole = reader.get(path, headers={"Range": pieces}, buffered=True)
    assert (whole.status_code, whole.data) == (200, CONTENT)
    assert whole.headers["Accept-Ranges"] == "bytes"
    seen = {"Range": pieces, "If-None-Match": whole.headers["ETag"]}
    assert reader.get(path, headers=seen, buffered=True).status_code == 304


@pytest.mark.parametrize(
    ("setting", "told"),
    [("X-Accel-Redirect", r"/_drawpack/backups/1/Subcontractor%20.*\.pdf"),
     ("X-Sendfile", r"/.*/backups/1/Subcontractor .*\.pdf")],
)  # fmt: skip
def test_the_web_server_may_be_told_to_send_the_file(app, backup, setting, told):
    app.config["SENDFILE"] = setting
    answer = app.test_client().get(f"{make_link(app, backup)}/file", buffered=True)

    assert answer.data == b""
    assert re.fullmatch(told, answer.headers[setting])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.mimetype == "application/pdf"


@pytest.mark.parametrize("asked", [{"Range": "bytes=100-"}, {"If-None-Match": "*"}])
def test_pieces_are_the_business_of_the_web_server_that_sends_the_file(app, backup, asked):
    app.config["SENDFILE"] = "X-Accel-Redirect"
    answer = app.test_client().get(f"{make_link(app, backup)}/file", headers=asked, buffered=True)

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["X-Accel-Redirect"]


def test_the_web_server_may_read_the_file_that_it_is_to_send_and_nothing_else(app, backup):
    app.config["SENDFILE"] = "X-Accel-Redirect"
    data = app.config["DATA_DIR"]
    [pdf] = data.glob("backups/*/*.pdf")
    (data / "secret-key").touch()
    for path in (data, *data.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)

    app.test_client().get(f"{make_link(app, backup)}/file", buffered=True)

    opened = {path for path in (data, *data.rglob("*")) if path.stat().st_mode & 0o077}
    assert opened == {data, data / "backups", pdf.parent, pdf}
    assert {path.stat().st_mode & 0o777 for path in opened if path.is_dir()} == {0o710}
    assert pdf.stat().st_mode & 0o777 == 0o640


def test_a_link_that_is_not_for_anyone_asks_who_it_is_and_opens_only_what_he_may_see(
    app, backup, project, stranger, member, bob
):
    with app.app_context():
        set_plan(project, is_public=False)
    path = make_link(app, backup)

    for tail in ("", "/file"):
        asked = app.test_client().get(path + tail)
        assert (asked.status_code, asked.location) == (303, f"/sign-in?next={path}{tail}")
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/file").status_code == 404
    with app.app_context():
        join(bob, db.session.get(Project, project), Access.READ_ONLY)
        db.session.commit()
    assert member.get(f"{path}/file", buffered=True).data == CONTENT


def test_links_are_made_and_revoked_on_the_page_of_the_backup(app, client, backup, project):
    page = f"/projects/{project}/backups/{backup}"
    assert client.post(f"{page}/links").status_code == 303
    address = re.search(r'data-copy="([^"]+)"', client.get(page).text)[1]
    path = address.removeprefix(app.config["BASE_URL"])
    assert app.test_client().get(path).status_code == 200

    client.post(f"{page}/links/1/revoke")

    assert app.test_client().get(path).status_code == 404
    text = client.get(page).text
    assert "Revoked" in text
    assert "data-copy" not in text


def test_after_the_key_changed_links_still_open_but_are_copied_no_more(app, backup):
    path = make_link(app, backup)
    app.config["SECRET_KEY"] = "another"
    assert app.test_client().get(path).status_code == 200
    with app.app_context():
        assert links.url_of(db.session.scalars(sa.select(BackupLink)).one()) is None


def recipients(project_id, *emails):
    for email in emails:
        db.session.add(Recipient(project_id=project_id, email=email, name="Lou Lender"))
    db.session.commit()


def states():
    rows = db.session.scalars(sa.select(MailDelivery).order_by(MailDelivery.email)).all()
    return {row.email: row.state.value for row in rows}


def test_recipients_get_the_mail_with_their_own_link(app, client, backup, project, smtp):
    with app.app_context():
        recipients(project, "lender@bank.example", "owner@city.example")
    page = f"/projects/{project}/backups/{backup}"
    assert "Send to 2 recipients" in client.get(page).text

    assert client.post(f"{page}/mails").status_code == 303
    with app.app_context():
        send_backup_link(backup)
        assert set(states().values()) == {"sent"}

    assert {mail["To"] for mail in smtp.messages} == {"lender@bank.example", "owner@city.example"}
    found = set()
    for mail in smtp.messages:
        assert mail["Reply-To"] == "alice@example.org"
        assert "Answers to this e-mail go to Alice" in mail.get_body(("plain",)).get_content()
        assert mail["Subject"].startswith("Ready: Subcontractor invoice backup")
        text = mail.get_body(("plain",)).get_content()
        assert "The backup of 0 invoices of Harbor Tower (24-017)" in text
        until = utcnow() + timedelta(days=30)
        assert f"The link is good until {day(until.date())}; whoever has it" in text
        [address] = re.findall(r"http\S+/b/\S+", text)
        found.add(address)
        path = address.removeprefix(app.config["BASE_URL"])
        assert app.test_client().get(f"{path}/file", buffered=True).data == CONTENT
    assert len(found) == 2
    shown = client.get(page).text
    assert "1 download, last " in shown
    assert "Send to" not in shown


def test_nobody_gets_two_mails_of_one_backup(app, client, backup, project, smtp, alice):
    with app.app_context():
        recipients(project, "lender@bank.example", "alice@example.org")
        with writing():
            mails.queue_for(db.session.get(Backup, backup), MailKind.READY, utcnow())
    page = f"/projects/{project}/backups/{backup}/mails"
    client.post(page)
    client.post(page)
    with app.app_context():
        ids = db.session.scalars(sa.select(MailDelivery.id)).all()
        for mail_id in [*ids, *ids]:
            send_mail(mail_id)
        send_backup_link(backup)

    assert sorted(mail["To"] for mail in smtp.messages) == [
        "alice@example.org",
        "lender@bank.example",
    ]


def test_of_two_workers_one_claims_a_mail(context, project, backup):
    recipients(project, "lender@bank.example")
    mails.to_recipients(db.session.get(Backup, backup), utcnow())

    assert trying.claim(MailDelivery, 1, utcnow())
    assert not trying.claim(MailDelivery, 1, utcnow())


class Grumpy:
    """What a mail server says before it takes a mail."""

    def __init__(self, answers):
        self.answers = list(answers)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answers:
            return self.answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"


def test_a_server_that_refuses_first_is_tried_again_and_its_words_are_shown(
    app, client, backup, project, smtp
):
    grumpy = Grumpy(["450 Greylisted, come back later"])
    smtp.handle_RCPT = grumpy.handle_RCPT
    with app.app_context():
        recipients(project, "lender@bank.example")
    page = f"/projects/{project}/backups/{backup}"
    client.post(f"{page}/mails")

    with app.app_context():
        send_backup_link(backup)
        row = db.session.scalars(sa.select(MailDelivery)).one()
        assert (row.state, row.tries) == (MailState.QUEUED, 1)
        assert row.next_try_at == row.tried_at + trying.WAITS[0]
    shown = client.get(page).text
    assert "refused the mail: 450 Greylisted, come back later." in shown
    assert "It is tried again." in shown
    assert smtp.messages == []

    with app.app_context():
        send_backup_link(backup)
        row = db.session.scalars(sa.select(MailDelivery)).one()
        assert (row.state, row.tries, row.error) == (MailState.SENT, 2, None)
        told = db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert told[-2:] == ["mail.failed", "mail.sent"]
    assert len(smtp.messages) == 1


def test_it_is_given_up_after_the_last_try_and_can_be_sent_again(
    app, client, backup, project, smtp
):
    tries = len(trying.WAITS) + 1
    smtp.handle_RCPT = Grumpy(["452 Mailbox is full"] * tries).handle_RCPT
    with app.app_context():
        recipients(project, "lender@bank.example")
    page = f"/projects/{project}/backups/{backup}"
    client.post(f"{page}/mails")
    with app.app_context():
        for _ in range(tries + 2):
            send_backup_link(backup)
        row = db.session.scalars(sa.select(MailDelivery)).one()
        assert (row.state, row.tries) == (MailState.FAILED, tries)
    shown = client.get(page).text
    assert "Mailbox is full" in shown
    assert "It was given up." in shown

    client.post(f"{page}/mails/1/again")
    client.post(f"{page}/mails/1/again")
    with app.app_context():
        send_mail(1)
        send_mail(1)
    assert len(smtp.messages) == 1


def send_one(app, project, backup):
    """Send one recipient his mail; what its row says then."""
    with app.app_context():
        recipients(project, "lender@bank.example")
        mails.to_recipients(db.session.get(Backup, backup), utcnow())
        for _ in range(2):
            send_backup_link(backup)
        row = db.session.scalars(sa.select(MailDelivery)).one()
        return row.state, row.tries, row.error


def test_a_refusal_for_good_is_told_at_once_and_not_tried_again(app, client, backup, project, smtp):
    smtp.handle_RCPT = Grumpy(["550 5.1.1 No such user here"] * 9).handle_RCPT

    state, tries, error = send_one(app, project, backup)

    assert (state, tries) == (MailState.FAILED, 1)
    assert error.endswith("refused the mail: 550 5.1.1 No such user here.")
    assert "It was given up." in client.get(f"/projects/{project}/backups/{backup}").text


def test_a_refusal_that_concerns_our_settings_waits_until_somebody_mends_them(
    app, backup, project, smtp
):
    async def ask_who_we_are(server, session, envelope, address, options):
        return "530 5.7.0 Authentication required"

    smtp.handle_MAIL = ask_who_we_are

    state, tries, _ = send_one(app, project, backup)

    assert (state, tries) == (MailState.QUEUED, 2)


def test_a_mail_that_the_server_took_without_an_answer_is_not_sent_twice(
    app, backup, project, smtp
):
    async def take_and_fall_silent(server, session, envelope):
        smtp.messages.append(envelope)
        server.transport.abort()
        return "250 OK"

    smtp.handle_DATA = take_and_fall_silent

    state, tries, error = send_one(app, project, backup)

    assert (state, tries, len(smtp.messages)) == (MailState.FAILED, 1, 1)
    assert "nobody knows whether it left" in error


@pytest.mark.sqlite("only its wait for another writer can be so short")
def test_a_mail_that_left_while_the_database_could_take_nothing_is_not_left_open(
    app, backup, project, smtp
):
    def hurry(connection, _):
        connection.execute("PRAGMA busy_timeout = 50")

    async def keep_and_hold(server, session, envelope):
        smtp.messages.append(envelope)
        path = sa.make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database
        somebody = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        somebody.execute("BEGIN IMMEDIATE")
        Timer(1, somebody.close).start()
        return "250 OK"

    with app.app_context():
        sa.event.listen(db.engine, "connect", hurry)
        db.engine.dispose()
    smtp.handle_DATA = keep_and_hold

    assert send_one(app, project, backup) == (MailState.SENT, 1, None)
    assert len(smtp.messages) == 1


def test_a_server_that_hangs_up_after_its_answer_has_the_mail(app, backup, project, smtp):
    async def hang_up(server, session, envelope):
        server.transport.abort()
        return "221 Bye"

    smtp.handle_QUIT = hang_up

    assert send_one(app, project, backup) == (MailState.SENT, 1, None)
    assert len(smtp.messages) == 1


def test_a_mail_sent_again_has_another_link_where_its_own_is_revoked(
    app, client, backup, project, smtp
):
    with app.app_context():
        recipients(project, "lender@bank.example")
    page = f"/projects/{project}/backups/{backup}"
    client.post(f"{page}/mails")
    with app.app_context():
        send_backup_link(backup)
    client.post(f"{page}/links/1/revoke")
    client.post(f"{page}/mails/1/again")
    with app.app_context():
        send_mail(1)

    first, second = (
        re.findall(r"/b/\S+", mail.get_body(("plain",)).get_content())[0] for mail in smtp.messages
    )
    assert app.test_client().get(first).status_code == 404
    assert app.test_client().get(second).status_code == 200


def test_a_later_backup_of_the_same_choice_says_updated_to_who_had_the_earlier(
    app, project, smtp, alice
):
    with app.app_context():
        set_plan(project, is_public=True, subject="Draw {backup} of {project}")
        recipients(project, "lender@bank.example")
        for _ in range(2):
            backup = add_backup(project, requested_by_id=alice, selection_key="k" * 64)
            mails.to_recipients(backup, utcnow())
            send_backup_link(backup.id)
            recipients(project, f"new{backup.number}@bank.example")

    told = {(mail["To"], mail["Subject"]) for mail in smtp.messages}
    assert told == {
        ("lender@bank.example", "Draw 1 of Harbor Tower"),
        ("lender@bank.example", "Updated: Draw 2 of Harbor Tower"),
        ("new1@bank.example", "Draw 2 of Harbor Tower"),
    }
    updated = next(mail for mail in smtp.messages if mail["Subject"].startswith("Updated"))
    text = updated.get_body(("plain",)).get_content()
    assert "It takes the place of the backup of Aug 31, 2026 that was sent to you before." in text


@pytest.mark.parametrize(("megabytes", "is_attached"), [(1, True), (None, False)])
def test_the_pdf_is_attached_below_the_limit(app, project, smtp, alice, megabytes, is_attached):
    with app.app_context():
        set_plan(project, is_public=True, attach_megabytes=megabytes)
        recipients(project, "lender@bank.example")
        backup = add_backup(project, requested_by_id=alice)
        mails.to_recipients(backup, utcnow())
        send_backup_link(backup.id)

    attached = [part.get_content() for part in smtp.messages[0].iter_attachments()]
    assert attached == ([CONTENT] if is_attached else [])


def test_a_backup_with_a_private_contract_is_not_mailed_to_who_may_not_see_it(
    app, client, project, smtp, alice, bob
):
    with app.app_context():
        set_plan(project, is_public=False, attach_megabytes=1)
        row = db.session.get(Project, project)
        join(bob, row, Access.STANDARD)
        recipients(project, "bob@example.org", "alice@example.org")
        backup = add_backup(project)
        contract = make_contract(row, number="SC-1", is_private=True)
        db.session.flush()
        db.session.execute(
            sa.insert(backup_contract).values(backup_id=backup.id, contract_id=contract.id)
        )
        mails.to_recipients(backup, utcnow())
        send_backup_link(backup.id)
        assert states() == {"alice@example.org": "sent", "bob@example.org": "failed"}
        page = f"/projects/{project}/backups/{backup.id}"

    assert [mail["To"] for mail in smtp.messages] == ["alice@example.org"]
    assert "this person may not see every contract of the backup" in client.get(page).text


def test_a_mail_whose_link_was_revoked_while_it_waited_is_not_sent(
    app, client, backup, project, smtp
):
    with app.app_context():
        recipients(project, "lender@bank.example")
        mails.to_recipients(db.session.get(Backup, backup), utcnow())
        links.revoke(db.session.scalars(sa.select(BackupLink)).one(), utcnow())
        send_backup_link(backup)
        assert states() == {"lender@bank.example": "failed"}
    assert smtp.messages == []
    assert "its link was revoked" in client.get(f"/projects/{project}/backups/{backup}").text


def test_the_state_of_mails_is_asked_for_until_none_waits(app, client, backup, project, smtp):
    with app.app_context():
        recipients(project, "lender@bank.example")
        mails.to_recipients(db.session.get(Backup, backup), utcnow())
    page = f"/projects/{project}/backups/{backup}"
    poll = {"HX-Request": "true", "HX-Target": "mails"}
    assert "data-ask-again" in client.get(page).text
    waiting = client.get(page, headers=poll).text
    assert "data-ask-again" in waiting
    assert "On its way" in waiting
    assert waiting.strip().startswith('<section id="mails"')
    with app.app_context():
        send_backup_link(backup)
    sent = client.get(page, headers=poll).text
    assert "data-ask-again" not in sent
    assert "Sent</span>" in sent


def test_a_pdf_above_the_limit_is_not_attached(app, project, smtp):
    with app.app_context():
        set_plan(project, is_public=True, attach_megabytes=1)
        recipients(project, "lender@bank.example")
        backup = add_backup(project, content=b"%PDF" + bytes(1_000_000))
        mails.to_recipients(backup, utcnow())
        send_backup_link(backup.id)

    assert list(smtp.messages[0].iter_attachments()) == []


def test_volumes_come_as_several_links(app, project, smtp):
    with app.app_context():
        set_plan(project, is_public=True)
        recipients(project, "lender@bank.example")
        backup = add_backup(project)
        names = [f"part - volume {number} of 2.pdf" for number in (1, 2)]
        for name in names:
            (places.folder(backup.id) / name).write_bytes(name.encode())
        facts = {"bytes": 9, "sha256": "0", "pages": 2}
        rows = [{"name": name, **facts} for name in names]
        backup.manifest = {**backup.manifest, "volumes": rows}
        db.session.commit()
        mails.to_recipients(backup, utcnow())
        send_backup_link(backup.id)

    text = smtp.messages[0].get_body(("plain",)).get_content()
    found = re.findall(r"Volume (\d) of 2 \(2 pages, 9 bytes\):\s+(\S+)", text)
    assert [number for number, _ in found] == ["1", "2"]
    path = found[1][1].removeprefix(app.config["BASE_URL"]).split("?")[0]
    page = app.test_client().get(f"{path}?volume=2").text
    assert f"{path}/file?volume=2" in page
    answer = app.test_client().get(f"{path}/file?volume=2", buffered=True)
    assert answer.data == names[1].encode()


BAD_TEXTS = {
    "{nobody}": "cannot say {nobody}",
    "{project": "brace without its partner",
    "{project.zone}": "cannot say {project.zone}",
    "{pages!r}": "cannot say {pages}",
    "{0}": "cannot say {0}",
    "": "Write a subject and a message.",
    "x\nBcc: all@example.org": "line break",
    "a\u202eb": "U+202E",
    "a\x00b": "U+0000",
    "x" * 201: "below 200",
}


@pytest.mark.parametrize("subject", BAD_TEXTS)
def test_a_subject_that_cannot_be_is_refused_in_one_sentence(app, client, project, subject):
    with pytest.raises(TextRefused):
        Texts.parse(subject, "Message")
    form = {"subject": subject, "message": "M", "link_days": "30"}
    answer = client.post(f"/projects/{project}/delivery", data=form)
    assert answer.status_code == 422
    assert BAD_TEXTS[subject] in answer.text


@pytest.mark.parametrize(
    "email", ["lender@bank", "a@b.example\nBcc: c@d.example", "a,b@c.d", "a\ud800@b.example"]
)
def test_an_address_that_is_none_is_refused(app, client, project, email):
    with app.app_context():
        set_plan(project, is_public=True)
    form = {"email": email.encode("utf-8", "surrogatepass")}
    answer = client.post(f"/projects/{project}/delivery/recipients", data=form)
    assert answer.status_code == 422
    assert "is not an e-mail address." in answer.text


def test_a_name_with_a_line_break_is_refused(app, client, project):
    with app.app_context():
        set_plan(project, is_public=True)
    form = {"email": "a@b.example", "name": "A\r\nBcc: c@d.example"}
    answer = client.post(f"/projects/{project}/delivery/recipients", data=form)
    assert answer.status_code == 422
    assert "The name has a line break" in answer.text


def test_an_outside_address_needs_a_link_for_anyone(app, client, project, bob):
    page = f"/projects/{project}/delivery"
    refused = client.post(f"{page}/recipients", data={"email": "lender@bank.example"})
    assert refused.status_code == 422
    assert "lender@bank.example has no account that may see this project" in refused.text
    assert client.post(f"{page}/recipients", data={"email": "bob@example.org"}).status_code == 422
    with app.app_context():
        plan = plans.of_project(project)
        form = {"subject": plan.subject, "message": plan.message, "link_days": "14"}
    assert client.post(page, data=form | {"is_public": "1"}).status_code == 303
    lender = {"email": "lender@bank.example"}
    assert client.post(f"{page}/recipients", data=lender).status_code == 303
    twice = client.post(f"{page}/recipients", data={"email": "LENDER@bank.example "})
    assert "is a recipient already" in twice.text
    back = client.post(page, data=form)
    assert back.status_code == 422
    assert "lender@bank.example has no account" in back.text
    assert client.post(f"{page}/recipients/1/remove").status_code == 303
    assert client.post(page, data=form).status_code == 303


@pytest.mark.parametrize("days", ["0", "x", "-1", "3651", "9" * 30, "1.5", "²"])
def test_days_that_are_none_are_refused(client, project, days):
    form = {"subject": "S", "message": "M", "link_days": days}
    answer = client.post(f"/projects/{project}/delivery", data=form)
    assert answer.status_code == 422
    assert "The days that a link is good for must be a whole number from 1 to 3,650." in answer.text


def test_the_preview_shows_the_mail_and_keeps_nothing(app, client, backup, project):
    form = {"subject": "Draw {backup}", "message": "{project}: {pages}", "preview": "1"}
    answer = client.post(f"/projects/{project}/delivery", data=form)
    assert answer.status_code == 200
    assert "<strong>Draw 1</strong>" in answer.text
    assert "Harbor Tower: 3 pages" in answer.text
    with app.app_context():
        assert plans.of_project(project).subject == DEFAULT.subject


def test_a_compile_for_the_recipients_queues_them_and_who_asked(app, project, alice):
    with app.app_context():
        set_plan(project, is_public=True)
        recipients(project, "lender@bank.example")
        backup = add_backup(
            project, requested_by_id=alice, status=BackupStatus.RUNNING, is_for_recipients=True
        )
        backup.finish(then=ending(backup, "done"))
        assert states() == {"alice@example.org": "queued", "lender@bank.example": "queued"}


def test_the_mail_page_shows_what_is_set_but_never_the_password(app, client, stranger, smtp):
    app.config["MAIL_PASSWORD"] = "hush hush"
    page = client.get("/mail").text
    assert f"127.0.0.1:{smtp.port}" in page
    assert "hush" not in page
    assert "set, never shown" in page
    assert stranger.get("/mail").status_code == 404
    assert stranger.post("/mail/test").status_code == 404


def test_a_test_mail_goes_to_oneself_and_a_refusal_is_shown_in_the_servers_words(app, client, smtp):
    assert client.post("/mail/test").status_code == 303
    [message] = smtp.messages
    assert message["To"] == "alice@example.org"

    smtp.handle_RCPT = Grumpy(["554 Your kind is not welcome"]).handle_RCPT
    answer = client.post("/mail/test")
    assert answer.status_code == 422
    assert "Your kind is not welcome" in answer.text


def test_without_a_mail_server_banners_say_where_mails_are(app, client, project):
    app.config["MAIL_SERVER"] = ""
    assert client.post("/mail/test").status_code == 303
    for page in ("/mail", f"/projects/{project}/delivery"):
        text = client.get(page).text
        assert "No mail server is set" in text
        assert 'href="/outbox"' in text
    assert "Test of the mail settings" in client.get("/outbox").text


def test_an_account_that_is_gone_still_has_its_name_in_the_record(app, client, backup, project):
    client.post(f"/projects/{project}/backups/{backup}/links")
    with app.app_context():
        with writing():
            db.session.execute(sa.delete(User).where(User.email == "alice@example.org"))
        entry = db.session.scalars(
            sa.select(AuditEntry).where(AuditEntry.action == "link.created")
        ).one()
        assert entry.email == "alice@example.org"
