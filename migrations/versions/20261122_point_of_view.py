"""Dictionaries of the company, of projects and of people."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _dictionary(name: str) -> sa.Enum:
    return sa.Enum(
        "general_contractors",
        "owners",
        "specialty_contractors",
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
    )


def upgrade() -> None:
    op.create_table(
        "installation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dictionary", _dictionary("dictionary"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_installation_is_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
    )
    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("dictionary", _dictionary("dictionary"), nullable=True))
    with op.batch_alter_table("project") as batch_op:
        batch_op.alter_column("dictionary", existing_type=_dictionary("dictionary"), nullable=True)
    # Nobody had to choose it: where a project said nothing, it was filled in.
    op.execute("UPDATE project SET dictionary = NULL WHERE dictionary = 'general_contractors'")
