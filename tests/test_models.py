"""What the database itself refuses, and state that two people contest."""

import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from models import (
    Backup,
    BackupStatus,
    BillingPeriod,
    Invoice,
    PeriodStatus,
    SovLine,
    db,
    reading,
    utcnow,
    writing,
)
from models.backup import LOST_AFTER
from tests.factories import (
    make_contract,
    make_invoice,
    make_invoice_line,
    make_line,
    make_period,
    make_project,
)


@pytest.fixture
def project(context):
    return make_project()


def refused():
    return pytest.raises(sa.exc.IntegrityError)


def test_a_project_has_one_open_period_at_most(project):
    make_period(project, 6, is_open=True)
    with refused():
        make_period(project, 7, is_open=True)


def test_two_projects_may_each_have_an_open_period(project):
    make_period(project, is_open=True)
    make_period(make_project(), is_open=True)


def test_the_same_range_twice_is_refused(project):
    make_period(project, 6)
    with refused():
        make_period(project, 6)


def test_a_period_cannot_end_before_it_starts(project):
    with refused():
        make_period(project, start=date(2026, 8, 1), end=date(2026, 7, 31))


def test_a_period_with_an_invoice_cannot_be_deleted(project):
    period = make_period(project)
    make_invoice(make_contract(project), period=period)
    with refused():
        db.session.execute(sa.delete(BillingPeriod).where(BillingPeriod.id == period.id))


def test_a_contract_has_each_position_once(project):
    contract = make_contract(project)
    make_invoice(contract, position=1)
    with refused():
        make_invoice(contract, position=1)


def test_a_line_of_another_contract_cannot_be_billed(project):
    invoice, other = make_invoice(make_contract(project)), make_line(make_contract(project))
    with refused():
        make_invoice_line(invoice, other)


def test_a_billed_line_cannot_be_deleted(project):
    contract = make_contract(project)
    line = make_line(contract)
    make_invoice_line(make_invoice(contract), line)
    with refused():
        db.session.execute(sa.delete(SovLine).where(SovLine.id == line.id))


def test_a_schedule_of_values_has_each_item_once(project):
    contract = make_contract(project)
    make_line(contract, item="1")
    with refused():
        make_line(contract, item="1")


def test_a_status_of_the_other_kind_of_contract_is_refused(project):
    make_contract(project, type="purchase_order", status="received")
    with refused():
        make_contract(project, type="subcontract", status="received")


def test_amounts_beyond_32_bits_are_kept_to_the_cent(project):
    line = make_line(make_contract(project), scheduled_value=9_007_199_254_740_993)
    db.session.commit()

    assert db.session.scalar(sa.select(SovLine.scheduled_value)) == line.scheduled_value


# Backups: state changes


@pytest.fixture
def backup(project):
    row = Backup(project_id=project.id, number=1, request={})
    db.session.add(row)
    db.session.commit()
    return row


def test_a_backup_is_claimed_once(backup):
    assert backup.claim()
    assert not backup.claim()


def test_a_queued_backup_is_cancelled_at_once(backup):
    assert backup.request_cancel()
    assert backup.status == BackupStatus.CANCELLED
    assert not backup.claim()


def test_a_running_backup_is_asked_to_stop(backup):
    backup.claim()

    assert backup.request_cancel()
    assert (backup.status, backup.is_cancel_requested) == (BackupStatus.RUNNING, True)


def test_a_finished_backup_cannot_fail_or_be_cancelled_any_more(backup):
    backup.claim()
    backup.finish(path="backups/1/x.pdf", sha256="0" * 64, manifest={}, pages=1)

    assert not backup.fail("too late")
    assert not backup.request_cancel()
    assert backup.status == BackupStatus.DONE


def test_done_without_a_file_is_refused_by_the_database(backup):
    backup.claim()
    with refused():
        backup.finish()


def test_a_backup_that_shows_no_life_is_lost(backup):
    backup.claim()
    now = utcnow()

    def lost(at):
        return db.session.scalars(Backup.lost(at)).all()

    assert lost(now) == []
    assert lost(now + LOST_AFTER + timedelta(seconds=1)) == [backup]


# Transactions


def test_no_update_is_lost_when_many_read_and_then_write(app, context, project):
    invoice_id = make_invoice(make_contract(project)).id
    db.session.commit()

    def add_one():
        with app.app_context():
            for _ in range(10):
                with writing():
                    invoice = db.session.get(Invoice, invoice_id)
                    invoice.payment_due += 1

    threads = [threading.Thread(target=add_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    db.session.rollback()
    assert db.session.get(Invoice, invoice_id).payment_due == 40


def test_a_reader_does_not_wait_for_a_writer(app, context, project):
    make_period(project)
    db.session.commit()
    read = []

    def look():
        with app.app_context(), reading():
            read.append(db.session.scalar(sa.select(BillingPeriod.status)))

    with writing():
        db.session.execute(sa.update(BillingPeriod).values(status=PeriodStatus.OPEN))
        reader = threading.Thread(target=look)
        reader.start()
        reader.join(5)

    assert read == [PeriodStatus.CLOSED]
