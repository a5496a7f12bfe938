"""Keep the mails that are about no backup until they left."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('waiting_mail',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.Enum('account', 'documents_asked', 'file_refused', 'review_finished', name='topic', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('token_id', sa.Integer(), nullable=True),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.Column('submitted_id', sa.Integer(), nullable=True),
    sa.Column('invoice_id', sa.Integer(), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('queued', 'sending', 'sent', 'failed', name='mailstate', native_enum=False, create_constraint=True, length=40), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('created', sa.DateTime(), nullable=False),
    sa.Column('next_try_at', sa.DateTime(), nullable=True),
    sa.Column('tried_at', sa.DateTime(), nullable=True),
    sa.Column('error', sa.Text(), nullable=True),
    sa.CheckConstraint("(topic = 'account') = (token_id IS NOT NULL) AND (topic = 'documents_asked') = (request_id IS NOT NULL) AND (topic = 'file_refused') = (submitted_id IS NOT NULL) AND (topic = 'review_finished') = (invoice_id IS NOT NULL AND user_id IS NOT NULL)", name=op.f('ck_waiting_mail_topic_has_its_rows')),
    sa.ForeignKeyConstraint(['invoice_id'], ['invoice.id'], name=op.f('fk_waiting_mail_invoice_id_invoice'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['request_id'], ['document_request.id'], name=op.f('fk_waiting_mail_request_id_document_request'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['submitted_id'], ['submitted_file.id'], name=op.f('fk_waiting_mail_submitted_id_submitted_file'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['token_id'], ['account_token.id'], name=op.f('fk_waiting_mail_token_id_account_token'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_waiting_mail_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_mail'))
    )
    with op.batch_alter_table('waiting_mail', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_mail_invoice_id'), ['invoice_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_mail_request_id'), ['request_id'], unique=False)
        batch_op.create_index('ix_waiting_mail_state_next_try_at', ['state', 'next_try_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_mail_submitted_id'), ['submitted_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_mail_token_id'), ['token_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_waiting_mail_user_id'), ['user_id'], unique=False)

