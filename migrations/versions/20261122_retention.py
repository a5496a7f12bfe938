"""Let compiled files go after a while: the rule, what is kept all the same, and what is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("backup", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("is_kept", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("files_removed_at", sa.DateTime(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_backup_kept_has_its_files"), "is_kept IS FALSE OR files_removed_at IS NULL"
        )
    with op.batch_alter_table("installation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("keep_days", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("keep_last", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_installation_one_rule_of_retention"),
            "(keep_days IS NULL OR keep_last IS NULL)"
            " AND (keep_days IS NULL OR keep_days BETWEEN 1 AND 36500)"
            " AND (keep_last IS NULL OR keep_last BETWEEN 1 AND 10000)",
        )
