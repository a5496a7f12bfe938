"""Invoices that people enter and review: versions, events of lines, marks, comments.

Columns are added by ALTER TABLE: rebuilding a table would lose the CHECKs it has.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "invoice", sa.Column("is_final", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("invoice", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("invoice_event", _text("subject", 140))
    op.add_column("invoice_event", sa.Column("line_id", sa.Integer(), nullable=True))
    op.add_column("invoice_event", sa.Column("version", sa.Integer(), nullable=True))
    op.execute(
        "ALTER TABLE invoice_line ADD COLUMN review VARCHAR(40) DEFAULT 'no_action' NOT NULL"
        " CONSTRAINT ck_invoice_line_review"
        " CHECK (review IN ('no_action', 'approved', 'rejected'))"
    )
    op.add_column("invoice_line", _text("review_reason", 500))
    _comments()


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), server_default=sa.text("''"), nullable=False)


def _comments() -> None:
    op.create_table(
        "invoice_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_invoice_comment_invoice_id_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_invoice_comment_user_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_comment")),
    )
    op.create_index(op.f("ix_invoice_comment_invoice_id"), "invoice_comment", ["invoice_id"])
    op.create_index(op.f("ix_invoice_comment_user_id"), "invoice_comment", ["user_id"])
