"""One function for each mail. With no mail server set, mails lie in the outbox folder."""

from services.mail.about_backups import (
    Letter,
    backup_delivery,
    backup_failed,
    backup_ready,
    schedule_blocked,
)
from services.mail.failures import FAILURES, in_words, is_final
from services.mail.handing_over import has_server
from services.mail.kept import outbox, read
from services.mail.to_contacts import (
    file_refused,
    missing_items,
    missing_preview,
    missing_subject,
)
from services.mail.to_users import (
    invitation,
    password_reset,
    review_finished,
    saving_failed,
    test,
)

__all__ = [
    "FAILURES",
    "Letter",
    "backup_delivery",
    "backup_failed",
    "backup_ready",
    "file_refused",
    "has_server",
    "in_words",
    "invitation",
    "is_final",
    "missing_items",
    "missing_preview",
    "missing_subject",
    "outbox",
    "password_reset",
    "read",
    "review_finished",
    "saving_failed",
    "schedule_blocked",
    "test",
]
