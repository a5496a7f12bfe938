"""Count the saves of a payment, so that nobody overwrites what he has not seen."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("payment", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
