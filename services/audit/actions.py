"""What the record knows how to say. A new act needs its line here."""

#: What happened, in the past tense, by its code.
ACTIONS = {
    "backup.requested": "Asked for a backup",
    "backup.done": "Backup compiled",
    "backup.failed": "Backup failed",
    "backup.cancelled": "Backup cancelled",
    "backup.deleted": "Backup deleted",
    "backup.downloaded": "Backup downloaded",
    "backup.viewed": "Backup opened in the browser",
    "invoice.status_changed": "Invoice status changed",
    "period.created": "Billing period created",
    "period.changed": "Billing period changed",
    "period.closed": "Billing period closed",
    "period.reopened": "Billing period opened again",
    "period.deleted": "Billing period deleted",
    "period.schedule_changed": "Schedule of billing periods changed",
    "member.added": "Member added",
    "member.changed": "Access of a member changed",
    "member.removed": "Member removed",
    "contract.privacy_changed": "Privacy of a contract changed",
    "person.invited": "Person invited",
    "person.joined": "Invitation accepted",
    "person.created": "Account created",
    "person.promoted": "Made an administrator",
    "person.demoted": "Administrator no more",
    "person.deactivated": "Account deactivated",
    "person.activated": "Account activated",
    "person.renamed": "Name changed",
    "session.started": "Signed in",
    "session.refused": "Sign-in refused",
    "session.ended": "Signed out",
    "session.all_ended": "All sessions ended",
    "password.changed": "Password changed",
    "password.reset": "Password reset by mail",
    "settings.changed": "Settings changed",
    "mail.sent": "E-mail sent",
    "mail.failed": "E-mail failed",
    "project.imported": "Project imported",
    "project.exported": "Project exported",
    "invoices.exported": "Invoices exported",
    "audit.exported": "Audit log exported",
}


def in_words(action: str) -> str:
    """What a code means to people."""
    return ACTIONS.get(action, action)
