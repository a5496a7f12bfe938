"""Billing periods: at most one is open, and one that is linked to an invoice is never deleted.

The constraints of the table hold the rules (docs/domain.md 7), also between two people who act at
the same moment; the sentences here explain them.
"""

from services.periods.changing import close, create, delete, open_again, open_new, update
from services.periods.refusing import explained
from services.periods.rows import PeriodRow, listing, proposal

__all__ = [
    "PeriodRow",
    "close",
    "create",
    "delete",
    "explained",
    "listing",
    "open_again",
    "open_new",
    "proposal",
    "update",
]
