"""Emptying a project before it is imported anew. The project's row and its members stay."""

import sqlalchemy as sa

from models import (
    Attachment,
    Backup,
    BackupSchedule,
    BackupStatus,
    BillingPeriod,
    ChangeOrder,
    Company,
    Contract,
    DocumentType,
    Invoice,
    InvoiceLine,
    Payment,
    PeriodEvent,
    Project,
    Signature,
    SovLine,
    db,
)
from services.importing.problems import ProjectBusy


def empty(project: Project) -> list[int]:
    """Delete all that belongs to `project`, also its backups: their requests name invoices that
    are gone, and an id can be given again. Returns the ids of the backups that have files, to be
    deleted after the commit. The caller commits.

    Raises `ProjectBusy` while a backup waits, is compiled, or is held.
    """
    backups = db.session.scalars(Backup.of_project(project.id)).all()
    for backup in backups:
        if backup.status in {BackupStatus.QUEUED, BackupStatus.RUNNING}:
            raise ProjectBusy(
                f"Backup {backup.number} of project {project.number} is being compiled; wait for "
                "it or cancel it. Nothing was changed."
            )
        if backup.is_kept:
            raise ProjectBusy(
                f"Backup {backup.number} of project {project.number} is held: it stays until "
                "somebody releases it. Nothing was changed."
            )
    contracts = sa.select(Contract.id).where(Contract.project_id == project.id)
    invoices = sa.select(Invoice.id).where(Invoice.contract_id.in_(contracts))
    periods = sa.select(BillingPeriod.id).where(BillingPeriod.project_id == project.id)
    # What points before what it points to, since foreign keys are checked at once.
    for deletion in (
        sa.delete(Backup).where(Backup.project_id == project.id),
        sa.delete(InvoiceLine).where(InvoiceLine.contract_id.in_(contracts)),
        sa.delete(Payment).where(Payment.contract_id.in_(contracts)),
        sa.delete(Attachment).where(Attachment.invoice_id.in_(invoices)),
        sa.delete(Signature).where(Signature.invoice_id.in_(invoices)),
        sa.delete(Invoice).where(Invoice.contract_id.in_(contracts)),
        sa.delete(PeriodEvent).where(PeriodEvent.period_id.in_(periods)),
        sa.delete(BillingPeriod).where(BillingPeriod.project_id == project.id),
        sa.delete(SovLine).where(SovLine.contract_id.in_(contracts)),
        sa.delete(ChangeOrder).where(ChangeOrder.contract_id.in_(contracts)),
        sa.delete(Contract).where(Contract.project_id == project.id),
        sa.delete(DocumentType).where(DocumentType.project_id == project.id),
        sa.delete(Company).where(Company.project_id == project.id),
    ):
        db.session.execute(deletion, execution_options={"synchronize_session": False})
    # Ids of the history begin anew below the last one that the schedule saw.
    db.session.execute(
        sa.update(BackupSchedule)
        .where(BackupSchedule.project_id == project.id)
        .values(last_event_id=0)
    )
    with_files = [backup.id for backup in backups if backup.path]
    db.session.expire_all()
    return with_files
