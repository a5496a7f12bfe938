"""Mails that are about no backup of a project: an invitation, a question for documents, a refusal,
an installation that could not be saved."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, utcnow
from models.delivery import MailState


class Topic(StrEnum):
    #: A link that lets somebody in: an invitation, or for another password.
    ACCOUNT = "account"
    #: To the contacts of a contract: what is missing.
    DOCUMENTS_ASKED = "documents_asked"
    #: To the same: why a file that they sent does not serve.
    FILE_REFUSED = "file_refused"
    #: To who submitted an invoice.
    REVIEW_FINISHED = "review_finished"
    #: To administrators: the installation could not be backed up.
    SAVING_FAILED = "saving_failed"


class WaitingMail(Base):
    """One mail, stored in the transaction of what it tells and written when it leaves.

    It goes with the rows it is about; without them there is nothing to tell.
    """

    __tablename__ = "waiting_mail"
    __table_args__ = (
        sa.CheckConstraint(
            "(topic = 'account') = (token_id IS NOT NULL)"
            " AND (topic = 'documents_asked') = (request_id IS NOT NULL)"
            " AND (topic = 'file_refused') = (submitted_id IS NOT NULL)"
            " AND (topic = 'review_finished') = (invoice_id IS NOT NULL AND user_id IS NOT NULL)"
            " AND (topic = 'saving_failed') = (entry_id IS NOT NULL AND user_id IS NOT NULL)",
            name="topic_has_its_rows",
        ),
        sa.Index("ix_waiting_mail_state_next_try_at", "state", "next_try_at"),
        # Of two who see the same trouble, one tells of it.
        sa.UniqueConstraint("entry_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[Topic]
    token_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("account_token.id", ondelete="CASCADE"), index=True
    )
    request_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("document_request.id", ondelete="CASCADE"), index=True
    )
    submitted_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("submitted_file.id", ondelete="CASCADE"), index=True
    )
    invoice_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("invoice.id", ondelete="CASCADE"), index=True
    )
    user_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    #: Of the audit log, where entries stay for good.
    entry_id: Mapped[int | None]
    state: Mapped[MailState] = mapped_column(default=MailState.QUEUED)
    tries: Mapped[int] = mapped_column(default=0)
    created: Mapped[datetime] = mapped_column(default=utcnow)
    #: Not before; None once nothing more is to be done.
    next_try_at: Mapped[datetime | None]
    #: When the last try began: a process that died in it is noticed.
    tried_at: Mapped[datetime | None]
    #: What the mail server said.
    error: Mapped[str | None] = mapped_column(sa.Text)
