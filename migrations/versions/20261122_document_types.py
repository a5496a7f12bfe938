"""Document types of attachments."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_document_type_name_is_given")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_document_type_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_type")),
        sa.UniqueConstraint("project_id", "code", name=op.f("uq_document_type_project_id_code")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_document_type_project_id_name")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "document_type", sa.String(length=40), server_default="backup", nullable=False
            )
        )
        batch_op.add_column(
            sa.Column(
                "is_type_confirmed", sa.Boolean(), server_default=sa.false(), nullable=False
            )
        )
        batch_op.add_column(sa.Column("expires", sa.Date(), nullable=True))
