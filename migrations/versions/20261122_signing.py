"""Envelopes of a signing service beside uploaded signed copies, and the account to send with."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATUSES = ("setup_not_completed", "pending", "completed", "declined", "voided", "set_aside")
_KEPT = "id, invoice_id, status, sha256, name, created"


def upgrade() -> None:
    _signature()
    op.create_table(
        "signing_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(length=300), nullable=False),
        sa.Column("integration_key", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("private_key", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_signing_account_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_account")),
    )
    op.create_table(
        "connect_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connect_key")),
    )


def _signature() -> None:
    """Made anew, since SQLite cannot change the CHECK of a status in place."""
    for name in ("uq_signature_live", "ix_signature_invoice_id", "ix_signature_sha256"):
        op.drop_index(name, "signature")
    op.rename_table("signature", "signature_before")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        # Their names are not the table's own there.
        op.execute("ALTER INDEX pk_signature RENAME TO pk_signature_before")
        op.execute("ALTER SEQUENCE signature_id_seq RENAME TO signature_before_id_seq")
    op.create_table("signature", *_columns(), *_constraints())
    op.execute(f"INSERT INTO signature ({_KEPT}) SELECT {_KEPT} FROM signature_before")
    if is_postgresql:
        op.execute(
            "SELECT setval('signature_id_seq', last_value, is_called) FROM signature_before_id_seq"
        )
    op.drop_table("signature_before")
    live = sa.text("status IN ('setup_not_completed', 'pending', 'completed')")
    op.create_index(
        "uq_signature_live",
        "signature",
        ["invoice_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    for column in (
        "certificate_sha256",
        "invoice_id",
        "next_check",
        "requested_by_id",
        "sent_sha256",
        "sha256",
    ):
        op.create_index(f"ix_signature_{column}", "signature", [column])


def _columns() -> list[sa.Column]:
    empty, no = sa.text("''"), sa.false()
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("status", _enum("signaturestatus", *_STATUSES), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column(
            "provider",
            _enum("signingprovider", "upload", "docusign"),
            server_default="upload",
            nullable=False,
        ),
        sa.Column("substance_key", sa.String(length=64), nullable=True),
        sa.Column("transaction_id", sa.String(length=36), nullable=True),
        sa.Column("envelope_id", sa.String(length=64), nullable=True),
        sa.Column("provider_status", sa.String(length=40), server_default=empty, nullable=False),
        sa.Column("signer_name", sa.String(length=200), server_default=empty, nullable=False),
        sa.Column("signer_email", sa.String(length=254), server_default=empty, nullable=False),
        sa.Column("signed_at", sa.DateTime(), nullable=True),
        sa.Column("sent_sha256", sa.String(length=64), nullable=True),
        sa.Column("sent_pages", sa.Integer(), nullable=True),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), server_default=empty, nullable=False),
        sa.Column("is_void_wanted", sa.Boolean(), server_default=no, nullable=False),
        sa.Column("problem", sa.Text(), server_default=empty, nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_check", sa.DateTime(), nullable=True),
        sa.Column("refreshed_at", sa.DateTime(), nullable=True),
    ]


def _constraints() -> list[sa.Constraint]:
    return [
        sa.CheckConstraint(
            "status <> 'completed' OR sha256 IS NOT NULL",
            name=op.f("ck_signature_completed_has_a_file"),
        ),
        _reference("invoice_id", "invoice", "id", "CASCADE"),
        _reference("requested_by_id", "user", "id", "SET NULL"),
        *(
            _reference(column, "stored_file", "sha256", "RESTRICT")
            for column in ("certificate_sha256", "sent_sha256", "sha256")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("envelope_id", name=op.f("uq_signature_envelope_id")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_signature_transaction_id")),
    ]


def _reference(column: str, table: str, key: str, rule: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_signature_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.{key}"], name=name, ondelete=rule)


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)
