"""Terms of contracts, unit lines, payments, archived projects.

Columns are added by ALTER TABLE, also where they bring a CHECK: SQLite takes a CHECK with a new
column, while rebuilding a table would lose those it has (Alembic does not read them back).
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("archived", sa.DateTime(), nullable=True))
    _flag("project", "forbids_overbilling", sa.false())
    _contract()
    _lines()
    _retainage_rule()
    _invoice_contact()
    _contract_event()
    _payment()


def _flag(table: str, name: str, default: sa.ColumnElement[bool]) -> None:
    op.add_column(table, sa.Column(name, sa.Boolean(), server_default=default, nullable=False))


def _contract() -> None:
    op.execute(
        "ALTER TABLE contract ADD COLUMN accounting_method VARCHAR(40) DEFAULT 'amount' NOT NULL"
        " CONSTRAINT ck_contract_accountingmethod CHECK (accounting_method IN ('amount', 'unit'))"
    )
    for name in ("start_date", "estimated_completion", "execution_date", "signed_received_date"):
        op.add_column("contract", sa.Column(name, sa.Date(), nullable=True))
    for name in ("description", "inclusions", "exclusions"):
        op.add_column("contract", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column(
        "contract", sa.Column("payment_terms", sa.String(300), server_default=sa.text("''"), nullable=False)
    )
    _flag("contract", "invoices_enabled", sa.true())
    op.add_column("contract", sa.Column("version", sa.Integer(), server_default="1", nullable=False))


def _lines() -> None:
    op.add_column("sov_line", sa.Column("unit", sa.String(20), server_default=sa.text("''"), nullable=False))
    op.add_column("sov_line", sa.Column("quantity", sa.BigInteger(), nullable=True))
    op.execute(
        "ALTER TABLE sov_line ADD COLUMN unit_price BIGINT"
        " CONSTRAINT ck_sov_line_quantity_has_its_price"
        " CHECK ((quantity IS NULL) = (unit_price IS NULL))"
    )
    op.add_column("invoice_line", sa.Column("quantity_this_period", sa.BigInteger(), nullable=True))


def _retainage_rule() -> None:
    op.create_table(
        "retainage_rule",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rate", sa.Integer(), nullable=False),
        sa.Column(
            "limit_kind",
            sa.Enum(
                "percent_of_original",
                "percent_of_revised",
                "amount",
                name="until",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("limit_rate", sa.Integer(), nullable=True),
        sa.Column("limit_amount", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "position BETWEEN 1 AND 5", name=op.f("ck_retainage_rule_at_most_five")
        ),
        sa.CheckConstraint(
            "rate BETWEEN 0 AND 10000", name=op.f("ck_retainage_rule_rate_is_percent")
        ),
        sa.CheckConstraint(
            "(limit_kind = 'amount' AND limit_amount IS NOT NULL AND limit_amount >= 0"
            " AND limit_rate IS NULL)"
            " OR (limit_kind <> 'amount' AND limit_rate IS NOT NULL"
            " AND limit_rate BETWEEN 0 AND 10000 AND limit_amount IS NULL)",
            name=op.f("ck_retainage_rule_limit_fits_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_retainage_rule_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contract_id", "position", name=op.f("pk_retainage_rule")),
    )


def _invoice_contact() -> None:
    op.create_table(
        "invoice_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), server_default=sa.text("''"), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.CheckConstraint(
            "email <> '' AND email = lower(email)",
            name=op.f("ck_invoice_contact_email_in_lower_case"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_invoice_contact_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_contact")),
        sa.UniqueConstraint(
            "contract_id", "email", name=op.f("uq_invoice_contact_contract_id_email")
        ),
    )


def _contract_event() -> None:
    op.create_table(
        "contract_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_event_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_contract_event_user_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_event")),
    )
    op.create_index("ix_contract_event_contract_id_at", "contract_event", ["contract_id", "at"])
    op.create_index(op.f("ix_contract_event_user_id"), "contract_event", ["user_id"])


def _payment() -> None:
    op.create_table(
        "payment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "check",
                "credit_card",
                "electronic",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("check_number", sa.String(60), nullable=False),
        sa.Column("invoice_number", sa.String(60), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_payment_number_is_given")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_payment_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id", "contract_id"],
            ["invoice.id", "invoice.contract_id"],
            name=op.f("fk_payment_invoice_id_contract_id_invoice"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("contract_id", "number", name=op.f("uq_payment_contract_id_number")),
    )
    op.create_index("ix_payment_invoice_id", "payment", ["invoice_id"])
