"""Initial tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_at"), ["at"], unique=False)
        batch_op.create_index("ix_attempt_subject_at", ["subject", "at"], unique=False)

    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=60), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("general_contractor", sa.String(length=200), nullable=False),
        sa.Column("architect", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column(
            "dictionary",
            sa.Enum(
                "general_contractors",
                "owners",
                "specialty_contractors",
                name="dictionary",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("last_backup", sa.Integer(), server_default="0", nullable=False),
        sa.Column("recipe", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint("name <> ''", name=op.f("ck_project_name_is_given")),
        sa.CheckConstraint("number <> ''", name=op.f("ck_project_number_is_given")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("number", name=op.f("uq_project_number")),
    )
    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("facts", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("problem", sa.String(length=40), nullable=True),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_stored_file_sha256_is_whole")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_stored_file_size_is_not_negative")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("password_hash", sa.String(length=300), nullable=False),
        sa.Column("is_administrator", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_user_email_is_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
    )
    op.create_table(
        "account_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "invitation",
                "password_reset",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("expires", sa.DateTime(), nullable=True),
        sa.Column("mailed_at", sa.DateTime(), nullable=True),
        sa.Column("mail_error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_account_token_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_account_token_token_hash")),
        sa.UniqueConstraint("user_id", "purpose", name=op.f("uq_account_token_user_id_purpose")),
    )
    op.create_table(
        "backup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "done",
                "failed",
                "cancelled",
                name="backupstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("step", sa.String(length=100), nullable=False),
        sa.Column("documents_done", sa.Integer(), nullable=False),
        sa.Column("documents_total", sa.Integer(), nullable=False),
        sa.Column("pages_done", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(), nullable=True),
        sa.Column("is_cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("manifest", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(), nullable=True),
        sa.Column("mail_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "status <> 'done' OR (path IS NOT NULL AND sha256 IS NOT NULL AND manifest IS NOT NULL)",
            name=op.f("ck_backup_done_has_a_file"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_backup_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["user.id"],
            name=op.f("fk_backup_requested_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_backup_project_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("backup", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_backup_status"), ["status"], unique=False)

    op.create_table(
        "billing_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "closed",
                name="periodstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint('start <= "end"', name=op.f("ck_billing_period_start_is_not_after_end")),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_billing_period_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_period")),
        sa.UniqueConstraint(
            "project_id", "start", "end", name=op.f("uq_billing_period_project_id_start_end")
        ),
    )
    with op.batch_alter_table("billing_period", schema=None) as batch_op:
        batch_op.create_index(
            "uq_billing_period_open",
            ["project_id"],
            unique=True,
            sqlite_where=sa.text("status = 'open'"),
            postgresql_where=sa.text("status = 'open'"),
        )

    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_company_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("project_id", "name", name=op.f("uq_company_project_id_name")),
    )
    op.create_table(
        "import_job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "uploaded",
                "checking",
                "refused",
                "ready",
                "confirmed",
                "importing",
                "done",
                "failed",
                name="importstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=600), nullable=False),
        sa.Column("folder", sa.String(length=40), nullable=False),
        sa.Column("is_demo", sa.Boolean(), nullable=False),
        sa.Column("is_replacing", sa.Boolean(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("preview", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_import_job_project_id_project"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["user.id"],
            name=op.f("fk_import_job_requested_by_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
        sa.UniqueConstraint("folder", name=op.f("uq_import_job_folder")),
    )
    with op.batch_alter_table("import_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_job_project_id"), ["project_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_import_job_requested_by_id"), ["requested_by_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_import_job_status"), ["status"], unique=False)

    op.create_table(
        "membership",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column(
            "access",
            sa.Enum(
                "read_only",
                "standard",
                "admin",
                name="access",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_membership_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_membership_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "project_id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_project_id"), ["project_id"], unique=False)

    op.create_table(
        "period_schedule",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column(
            "frequency",
            sa.Enum(
                "never",
                "monthly",
                "weekly",
                name="frequency",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("end_day", sa.Integer(), nullable=True),
        sa.Column("due_day", sa.Integer(), nullable=True),
        sa.Column("is_due_later", sa.Boolean(), nullable=False),
        sa.Column("done_until", sa.Date(), nullable=True),
        sa.Column("default_start_day", sa.Integer(), nullable=True),
        sa.Column("default_end_day", sa.Integer(), nullable=True),
        sa.Column("default_due_day", sa.Integer(), nullable=True),
        sa.Column(
            "due_rule",
            sa.Enum(
                "create",
                "create_and_submit",
                name="duerule",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(frequency = 'never' AND end_day IS NULL AND due_day IS NULL) OR (frequency = 'monthly' AND end_day IS NOT NULL AND end_day BETWEEN 1 AND 31 AND (due_day IS NULL OR due_day BETWEEN 1 AND 31)) OR (frequency = 'weekly' AND end_day IS NOT NULL AND end_day BETWEEN 0 AND 6 AND (due_day IS NULL OR due_day BETWEEN 0 AND 6))",
            name=op.f("ck_period_schedule_days_fit_frequency"),
        ),
        sa.CheckConstraint(
            "(frequency = 'never') = (done_until IS NULL)",
            name=op.f("ck_period_schedule_a_rule_knows_how_far_it_came"),
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_period_schedule_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_period_schedule")),
    )
    op.create_table(
        "billing_period_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["billing_period.id"],
            name=op.f("fk_billing_period_event_period_id_billing_period"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_billing_period_event_user_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_period_event")),
    )
    with op.batch_alter_table("billing_period_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_billing_period_event_period_id"), ["period_id"], unique=False
        )

    op.create_table(
        "contract",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "subcontract",
                "purchase_order",
                name="contracttype",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("executed", sa.Boolean(), nullable=False),
        sa.Column("contract_date", sa.Date(), nullable=True),
        sa.Column("work_retainage_rate", sa.Integer(), nullable=False),
        sa.Column("stored_retainage_rate", sa.Integer(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(type = 'subcontract' AND status IN ('draft', 'out_for_bid', 'out_for_signature', 'approved', 'complete', 'terminated', 'void')) OR (type = 'purchase_order' AND status IN ('draft', 'processing', 'submitted', 'partially_received', 'received', 'approved', 'closed'))",
            name=op.f("ck_contract_status_fits_type"),
        ),
        sa.CheckConstraint("number <> ''", name=op.f("ck_contract_number_is_given")),
        sa.CheckConstraint(
            "work_retainage_rate BETWEEN 0 AND 10000 AND stored_retainage_rate BETWEEN 0 AND 10000",
            name=op.f("ck_contract_retainage_is_percent"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
            name=op.f("fk_contract_company_id_company"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_contract_project_id_project"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("project_id", "number", name=op.f("uq_contract_project_id_number")),
    )
    with op.batch_alter_table("contract", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_company_id"), ["company_id"], unique=False)

    op.create_table(
        "backup_contract",
        sa.Column("backup_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["backup_id"],
            ["backup.id"],
            name=op.f("fk_backup_contract_backup_id_backup"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_backup_contract_contract_id_contract"),
            ondelete="SET NULL",
        ),
    )
    with op.batch_alter_table("backup_contract", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_backup_contract_backup_id"), ["backup_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_backup_contract_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "change_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "approved",
                "pending",
                "draft",
                "rejected",
                name="changeorderstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("approved_date", sa.Date(), nullable=True),
        sa.CheckConstraint("number <> ''", name=op.f("ck_change_order_number_is_given")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_change_order_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_order")),
        sa.UniqueConstraint(
            "contract_id", "number", name=op.f("uq_change_order_contract_id_number")
        ),
    )
    op.create_table(
        "contract_reader",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_contract_reader_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_contract_reader_user_id_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contract_id", "user_id", name=op.f("pk_contract_reader")),
    )
    with op.batch_alter_table("contract_reader", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_reader_user_id"), ["user_id"], unique=False)

    op.create_table(
        "invoice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("period_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "under_review",
                "revise_and_resubmit",
                "approved",
                "approved_as_noted",
                "pending_owner_approval",
                name="invoicestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("billing_date", sa.Date(), nullable=True),
        sa.Column("comments", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.Column("contract_sum_to_date", sa.BigInteger(), nullable=False),
        sa.Column("completed_and_stored", sa.BigInteger(), nullable=False),
        sa.Column("gross_this_period", sa.BigInteger(), nullable=False),
        sa.Column("total_retainage", sa.BigInteger(), nullable=False),
        sa.Column("earned_less_retainage", sa.BigInteger(), nullable=False),
        sa.Column("payment_due", sa.BigInteger(), nullable=False),
        sa.Column("balance_to_finish", sa.BigInteger(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.Column("content_key", sa.String(length=64), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.CheckConstraint("position >= 1", name=op.f("ck_invoice_position_from_one")),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_invoice_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["period_id"],
            ["billing_period.id"],
            name=op.f("fk_invoice_period_id_billing_period"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice")),
        sa.UniqueConstraint(
            "contract_id", "position", name=op.f("uq_invoice_contract_id_position")
        ),
        sa.UniqueConstraint("id", "contract_id", name=op.f("uq_invoice_id_contract_id")),
    )
    with op.batch_alter_table("invoice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_period_id"), ["period_id"], unique=False)

    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_attachment_position_from_one")),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_attachment_invoice_id_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["stored_file.sha256"],
            name=op.f("fk_attachment_sha256_stored_file"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attachment_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attachment_sha256"), ["sha256"], unique=False)

    op.create_table(
        "invoice_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_invoice_event_invoice_id_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
            name=op.f("fk_invoice_event_user_id_user"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_event")),
    )
    with op.batch_alter_table("invoice_event", schema=None) as batch_op:
        batch_op.create_index("ix_invoice_event_invoice_id_at", ["invoice_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_event_user_id"), ["user_id"], unique=False)

    op.create_table(
        "signature",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "completed",
                "declined",
                "voided",
                name="signaturestatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "status <> 'completed' OR sha256 IS NOT NULL",
            name=op.f("ck_signature_completed_has_a_file"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoice.id"],
            name=op.f("fk_signature_invoice_id_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sha256"],
            ["stored_file.sha256"],
            name=op.f("fk_signature_sha256_stored_file"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_signature_sha256"), ["sha256"], unique=False)
        batch_op.create_index(
            "uq_signature_live",
            ["invoice_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('pending', 'completed')"),
            postgresql_where=sa.text("status IN ('pending', 'completed')"),
        )

    op.create_table(
        "sov_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("change_order_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("scheduled_value", sa.BigInteger(), nullable=False),
        sa.Column("budget_code", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_order_id"],
            ["change_order.id"],
            name=op.f("fk_sov_line_change_order_id_change_order"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract.id"],
            name=op.f("fk_sov_line_contract_id_contract"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sov_line")),
        sa.UniqueConstraint(
            "change_order_id", "item", name=op.f("uq_sov_line_change_order_id_item")
        ),
        sa.UniqueConstraint("id", "contract_id", name=op.f("uq_sov_line_id_contract_id")),
    )
    with op.batch_alter_table("sov_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_sov_line_change_order_id"), ["change_order_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sov_line_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(
            "uq_sov_line_base_item",
            ["contract_id", "item"],
            unique=True,
            sqlite_where=sa.text("change_order_id IS NULL"),
            postgresql_where=sa.text("change_order_id IS NULL"),
        )

    op.create_table(
        "invoice_line",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("sov_line_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("work_this_period", sa.BigInteger(), nullable=False),
        sa.Column("new_stored", sa.BigInteger(), nullable=False),
        sa.Column("stored_installed", sa.BigInteger(), nullable=False),
        sa.Column("work_retainage", sa.BigInteger(), nullable=True),
        sa.Column("work_retainage_rate", sa.Integer(), nullable=True),
        sa.Column("work_retainage_released", sa.BigInteger(), nullable=False),
        sa.Column("stored_retainage", sa.BigInteger(), nullable=True),
        sa.Column("stored_retainage_rate", sa.Integer(), nullable=True),
        sa.Column("stored_retainage_released", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id", "contract_id"],
            ["invoice.id", "invoice.contract_id"],
            name=op.f("fk_invoice_line_invoice_id_contract_id_invoice"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["sov_line_id", "contract_id"],
            ["sov_line.id", "sov_line.contract_id"],
            name=op.f("fk_invoice_line_sov_line_id_contract_id_sov_line"),
        ),
        sa.PrimaryKeyConstraint("invoice_id", "sov_line_id", name=op.f("pk_invoice_line")),
    )
    with op.batch_alter_table("invoice_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_line_contract_id"), ["contract_id"], unique=False
        )
        batch_op.create_index("ix_invoice_line_sov_line_id", ["sov_line_id"], unique=False)
