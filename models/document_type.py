"""What attachments are: kinds that every project knows, and a project's own."""

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class DocumentKind(StrEnum):
    """The kinds of every project, by the code that tables and files hold (binder notes A 3.2)."""

    BACKUP = "backup"
    CONDITIONAL_WAIVER = "conditional_waiver"
    UNCONDITIONAL_WAIVER = "unconditional_waiver"
    CONDITIONAL_FINAL_WAIVER = "conditional_final_waiver"
    UNCONDITIONAL_FINAL_WAIVER = "unconditional_final_waiver"
    SWORN_STATEMENT = "sworn_statement"
    INSURANCE_CERTIFICATE = "insurance_certificate"
    CERTIFIED_PAYROLL = "certified_payroll"
    CHANGE_ORDER_BACKUP = "change_order_backup"
    STORED_MATERIAL = "stored_material"
    PHOTO = "photo"


class DocumentType(Base):
    """A kind of a project's own. Attachments name it by its code, as they do the others."""

    __tablename__ = "document_type"
    __table_args__ = (
        sa.UniqueConstraint("project_id", "code"),
        sa.UniqueConstraint("project_id", "name"),
        sa.CheckConstraint("name <> ''", name="name_is_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(sa.ForeignKey("project.id", ondelete="CASCADE"))
    #: Stays when the name changes; never one of `DocumentKind`.
    code: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(80))
