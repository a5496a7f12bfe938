"""Documents that invoices must bring."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "required_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("document_type", sa.String(length=40), nullable=False),
        sa.Column(
            "requirement",
            sa.Enum(
                "invoice",
                "previous_payment",
                "contract",
                name="requirement",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "strictness",
            sa.Enum(
                "warn",
                "block",
                "not_required",
                name="strictness",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("from_position", sa.Integer(), nullable=False),
        sa.Column("from_amount", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "from_position >= 1", name=op.f("ck_required_document_position_from_one")
        ),
        sa.CheckConstraint(
            "strictness <> 'not_required' OR contract_id IS NOT NULL",
            name=op.f("ck_required_document_exempts_a_contract"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_required_document_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_required_document_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_required_document")),
        sa.UniqueConstraint(
            "project_id",
            "contract_id",
            "document_type",
            name=op.f("uq_required_document_project_id_contract_id_document_type"),
        ),
    )
    with op.batch_alter_table("required_document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_required_document_contract_id"), ["contract_id"])
        batch_op.create_index(
            "uq_required_document_of_project",
            ["project_id", "document_type"],
            unique=True,
            sqlite_where=sa.text("contract_id IS NULL"),
            postgresql_where=sa.text("contract_id IS NULL"),
        )

    op.create_table(
        "document_exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("document_type", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_document_exemption_reason_is_given")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_document_exemption_invoice_id_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_document_exemption_user_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_exemption")),
        sa.UniqueConstraint(
            "invoice_id",
            "document_type",
            name=op.f("uq_document_exemption_invoice_id_document_type"),
        ),
    )
    with op.batch_alter_table("document_exemption", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_exemption_user_id"), ["user_id"])
