"""Keep the mails about an installation that could not be saved until they left."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TOPICS = ("account", "documents_asked", "file_refused", "review_finished", "saving_failed")


def upgrade() -> None:
    with op.batch_alter_table("waiting_mail") as table:
        table.add_column(sa.Column("entry_id", sa.Integer(), nullable=True))
        table.drop_constraint(op.f("ck_waiting_mail_topic_has_its_rows"), type_="check")
        table.drop_constraint(op.f("ck_waiting_mail_topic"), type_="check")
        table.create_check_constraint(
            op.f("ck_waiting_mail_topic"), sa.column("topic").in_(TOPICS)
        )
        table.create_check_constraint(
            op.f("ck_waiting_mail_topic_has_its_rows"),
            "(topic = 'account') = (token_id IS NOT NULL)"
            " AND (topic = 'documents_asked') = (request_id IS NOT NULL)"
            " AND (topic = 'file_refused') = (submitted_id IS NOT NULL)"
            " AND (topic = 'review_finished') = (invoice_id IS NOT NULL AND user_id IS NOT NULL)"
            " AND (topic = 'saving_failed') = (entry_id IS NOT NULL AND user_id IS NOT NULL)",
        )
        table.create_unique_constraint(
            op.f("uq_waiting_mail_entry_id_user_id"), ["entry_id", "user_id"]
        )
