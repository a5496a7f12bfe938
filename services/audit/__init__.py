"""The audit log: one entry for each act, in the same transaction as the act."""

from services.audit.actions import ACTIONS, in_words
from services.audit.recording import NOBODY, Actor, is_noted, note, record, who_acts_by
from services.audit.verifying import Broken, verify

__all__ = [
    "ACTIONS",
    "NOBODY",
    "Actor",
    "Broken",
    "in_words",
    "is_noted",
    "note",
    "record",
    "verify",
    "who_acts_by",
]
