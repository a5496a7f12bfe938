"""Mails about no backup: sent once, tried again, never forgotten, whatever dies meanwhile."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from jobs import queue, recovery, waiting_mail
from jobs.recovery import GRACE
from models import (
    AccountToken,
    DocumentRequest,
    InvoiceContact,
    MailState,
    SubmittedFile,
    Topic,
    User,
    WaitingMail,
    db,
    utcnow,
)
from services import invitations, missing_items, password_resets, submissions
from services.delivery import telling, trying
from services.missing_items import Missing
from tests.factories import make_contract, make_file, make_invoice, make_project


def invited(user):
    invitations.invite("sam@example.org", "Sam", None, utcnow())


def asked(user):
    contract = make_contract(make_project())
    invoice = make_invoice(contract)
    db.session.add(InvoiceContact(contract_id=contract.id, name="Sam", email="sam@example.org"))
    db.session.commit()
    missing = [Missing(invoice.id, "photo", "Photo, invoice 1")]
    missing_items.ask(contract, missing, user, utcnow())


def refused(user):
    asked(user)
    request = db.session.scalars(sa.select(DocumentRequest)).one()
    db.session.execute(sa.delete(WaitingMail))
    row = SubmittedFile(
        request_id=request.id, invoice_id=request.items[0]["invoice_id"], document_type="photo",
        sha256=make_file(b"picture").sha256, name="photo.jpg",
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    submissions.refuse(row, user, utcnow(), "Too dark.")


@pytest.fixture
def user(context, alice):

    return db.session.get(User, alice)


def the_mail():
    return db.session.scalars(sa.select(WaitingMail)).one()


@pytest.mark.parametrize("make", [invited, asked, refused])
def test_a_mail_whose_job_was_never_queued_is_sent_by_the_sweep_once(user, make, work, smtp):
    make(user)

    assert recovery.sweep(utcnow() + GRACE * 2).mails == 1
    assert recovery.sweep(utcnow() + GRACE * 2).mails == 0
    work()
    assert recovery.sweep(utcnow() + GRACE * 2).mails == 0

    assert [message["To"] for message in smtp.messages] == ["sam@example.org"]
    assert the_mail().state == MailState.SENT


def test_a_mail_that_the_audit_log_cannot_be_told_of_is_not_sent_again(user, work, smtp):
    """It has left; the disk is full for its entry alone."""
    invited(user)

    def full(_connection, _cursor, _statement, parameters, _context, _many):
        if "mail.sent" in str(parameters):
            raise sa.exc.OperationalError("INSERT", {}, Exception("the disk is full"))

    with listening(db.engine, "before_cursor_execute", full):
        waiting_mail.send(the_mail().id)
        assert recovery.sweep(utcnow() + GRACE * 2).mails == 0
        work()

    assert len(smtp.messages) == 1
    assert the_mail().state == MailState.SENT


@contextmanager
def listening(*what):
    sa.event.listen(*what)
    yield
    sa.event.remove(*what)


@pytest.mark.parametrize("make", [invited, asked])
def test_a_mail_whose_process_died_while_it_was_sent_is_not_sent_again(user, make, smtp):
    make(user)
    assert trying.claim(WaitingMail, the_mail().id, utcnow())

    waiting_mail.send(the_mail().id)
    assert recovery.sweep(utcnow() + trying.LOST_AFTER * 2).mails == 0

    assert smtp.messages == []
    assert (the_mail().state, the_mail().error) == (MailState.FAILED, trying.LOST)
    about = db.session.scalar(sa.select(AccountToken)) or db.session.scalar(
        sa.select(DocumentRequest)
    )
    assert about.mail_error == trying.LOST


@pytest.mark.parametrize(
    ("answer", "state", "what_next"),
    [
        ("451 Try later", MailState.QUEUED, "It is tried again."),
        ("550 No such user", MailState.FAILED, "It was given up."),
    ],
)
def test_what_the_server_says_is_kept_and_only_what_may_heal_is_tried_again(
    user, smtp, answer, state, what_next
):
    async def refuse(server, session, envelope, address, options):
        return answer

    asked(user)
    smtp.handle_RCPT = refuse

    telling.send(the_mail().id, utcnow())

    assert the_mail().state == state
    said = db.session.scalars(sa.select(DocumentRequest.mail_error)).one()
    assert answer in said
    assert said.endswith(what_next)
    del smtp.handle_RCPT
    due = recovery.sweep(utcnow() + timedelta(minutes=1)).mails
    assert due == (1 if state == MailState.QUEUED else 0)


def test_a_queue_that_lost_its_data_delays_a_second_try_but_forgets_none(user, work, smtp):
    async def refuse(server, session, envelope, address, options):
        return "451 Try later"

    invited(user)
    smtp.handle_RCPT = refuse
    waiting_mail.enqueue_about(token_id=the_mail().token_id)
    work()
    queue("mail").connection.flushdb()
    del smtp.handle_RCPT
    db.session.execute(sa.update(WaitingMail).values(next_try_at=utcnow() - GRACE * 2))
    db.session.commit()

    assert recovery.sweep().mails == 1
    work()

    assert len(smtp.messages) == 1
    assert db.session.scalars(sa.select(AccountToken.mail_error)).one() is None


def test_a_link_asked_for_again_takes_the_mail_of_the_former_along(user):
    password_resets.prepare("alice@example.org", utcnow())
    first = the_mail().id
    password_resets.prepare("alice@example.org", utcnow())

    [row] = db.session.scalars(sa.select(WaitingMail))
    assert row.topic == Topic.ACCOUNT
    telling.send(first + 7, utcnow())
