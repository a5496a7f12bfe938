"""Keep links, recipients, mails and schedules of backups."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('backup_schedule',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.Enum('never', 'period_closed', 'weekly', 'monthly', name='occasion', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('day', sa.Integer(), nullable=True),
    sa.Column('minute', sa.Integer(), nullable=False),
    sa.Column('statuses', sa.JSON(), nullable=False),
    sa.Column('set_up_by_id', sa.Integer(), nullable=True),
    sa.Column('next_run_at', sa.DateTime(), nullable=True),
    sa.Column('last_event_id', sa.Integer(), nullable=False),
    sa.Column('last_run_at', sa.DateTime(), nullable=True),
    sa.Column('last_result', sa.Text(), nullable=False),
    sa.CheckConstraint("(occasion = 'weekly' AND day IS NOT NULL AND day BETWEEN 0 AND 6) OR (occasion = 'monthly' AND day IS NOT NULL AND day BETWEEN 1 AND 31) OR (occasion IN ('never', 'period_closed') AND day IS NULL)", name=op.f('ck_backup_schedule_day_fits_occasion')),
    sa.CheckConstraint("(occasion IN ('weekly', 'monthly')) = (next_run_at IS NOT NULL)", name=op.f('ck_backup_schedule_a_clock_knows_its_next_time')),
    sa.CheckConstraint('minute BETWEEN 0 AND 1439', name=op.f('ck_backup_schedule_minute_is_of_a_day')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_backup_schedule_project_id_project'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['set_up_by_id'], ['user.id'], name=op.f('fk_backup_schedule_set_up_by_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_backup_schedule'))
    )
    op.create_table('delivery_plan',
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('link_days', sa.Integer(), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('attach_megabytes', sa.Integer(), nullable=True),
    sa.CheckConstraint('attach_megabytes IS NULL OR attach_megabytes BETWEEN 1 AND 25', name=op.f('ck_delivery_plan_attachments_fit_into_mails')),
    sa.CheckConstraint('link_days BETWEEN 1 AND 3650', name=op.f('ck_delivery_plan_link_days_are_sane')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_delivery_plan_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('project_id', name=op.f('pk_delivery_plan'))
    )
    op.create_table('recipient',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.CheckConstraint('email = lower(email)', name=op.f('ck_recipient_email_is_lower')),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_recipient_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recipient')),
    sa.UniqueConstraint('project_id', 'email', name=op.f('uq_recipient_project_id_email'))
    )
    op.create_table('backup_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('backup_id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('is_public', sa.Boolean(), nullable=False),
    sa.Column('created', sa.DateTime(), nullable=False),
    sa.Column('expires', sa.DateTime(), nullable=False),
    sa.Column('revoked_at', sa.DateTime(), nullable=True),
    sa.Column('downloads', sa.Integer(), nullable=False),
    sa.Column('last_download_at', sa.DateTime(), nullable=True),
    sa.ForeignKeyConstraint(['backup_id'], ['backup.id'], name=op.f('fk_backup_link_backup_id_backup'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_backup_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_backup_link_token_hash'))
    )
    with op.batch_alter_table('backup_link', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_backup_link_backup_id'), ['backup_id'], unique=False)

    op.create_table('mail_delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('project_id', sa.Integer(), nullable=False),
    sa.Column('backup_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.Enum('ready', 'failed', 'delivery', 'blocked', name='mailkind', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'failed', name='mailstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created', sa.DateTime(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(), nullable=True),
    sa.Column('tried_at', sa.DateTime(), nullable=True),
    sa.Column('sent_at', sa.DateTime(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('findings', sa.JSON(), nullable=False),
    sa.Column('link_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['backup_id'], ['backup.id'], name=op.f('fk_mail_delivery_backup_id_backup'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['link_id'], ['backup_link.id'], name=op.f('fk_mail_delivery_link_id_backup_link'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['project_id'], ['project.id'], name=op.f('fk_mail_delivery_project_id_project'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mail_delivery')),
    sa.UniqueConstraint('backup_id', 'email', name=op.f('uq_mail_delivery_backup_id_email'))
    )
    with op.batch_alter_table('mail_delivery', schema=None) as batch_op:
        batch_op.create_index('ix_mail_delivery_state_next_try_at', ['state', 'next_try_at'], unique=False)

    # Not as a batch: that would rebuild the table without its AUTOINCREMENT.
    op.add_column(
        "backup",
        sa.Column("is_for_recipients", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column(
        "backup",
        sa.Column("selection_key", sa.String(length=64), server_default=sa.text("''"), nullable=False),
    )
    op.execute(_KEEP_MAILS)
    op.drop_column("backup", "mail_error")
    op.drop_column("backup", "mailed_at")


#: What was said of mails before they were rows.
_KEEP_MAILS = """
INSERT INTO mail_delivery (project_id, backup_id, kind, email, name, state, tries, created,
                           tried_at, sent_at, error, findings)
SELECT backup.project_id, backup.id, CASE backup.status WHEN 'done' THEN 'ready' ELSE 'failed' END,
       "user".email, "user".name, CASE WHEN backup.mailed_at IS NULL THEN 'failed' ELSE 'sent' END,
       1, backup.requested_at, backup.mailed_at, backup.mailed_at, backup.mail_error, '[]'
FROM backup JOIN "user" ON "user".id = backup.requested_by_id
WHERE backup.status IN ('done', 'failed')
  AND (backup.mailed_at IS NOT NULL OR backup.mail_error IS NOT NULL)
"""
