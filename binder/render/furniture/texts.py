"""How furniture names things."""

from collections import Counter

from binder.plan import Contract, Invoice, Mark, Plan
from binder.render import words
from binder.render.words import counted, followed

__all__ = [
    "changes",
    "contract_name",
    "counted",
    "followed",
    "invoice_name",
    "moment",
    "project_name",
    "subtitle",
]


def project_name(plan: Plan) -> str:
    """Harbor Tower · 24-017."""
    return " · ".join(part for part in (plan.project_name, plan.project_number) if part)


def subtitle(plan: Plan) -> str:
    """Which project, which backup, as of when."""
    day = words.day(plan.requested_at.date())
    return f"{project_name(plan)} · Backup {plan.number:,} · {day}"


def changes(plan: Plan) -> str:
    """What an addendum holds: “Since backup 3: 12 new, 1 changed, 2 removed”; else empty."""
    if plan.addendum is None:
        return ""
    counts = Counter(document.mark for document in plan.documents)
    parts = [f"{counts[mark]:,} {mark}" for mark in Mark]
    parts.append(f"{len(plan.addendum.removed):,} removed")
    return f"Since backup {plan.addendum.to:,}: {', '.join(parts)}"


def moment(plan: Plan) -> str:
    """Aug 31, 2026, 2:05 PM UTC: when the backup was asked for, in its project's time zone."""
    at = plan.requested_at
    clock = f"{at.hour % 12 or 12}:{at.minute:02} {'AM' if at.hour < 12 else 'PM'}"
    return f"{words.day(at.date())}, {clock} {at.tzname() or ''}".rstrip()


def contract_name(contract: Contract, suffix: str = "") -> str:
    """SC-004 Delta Structures · Structural steel."""
    who = " ".join(part for part in (contract.number, contract.company) if part)
    return (f"{who} · {contract.title}" if contract.title else who) + suffix


def invoice_name(plan: Plan, invoice: Invoice) -> str:
    """Invoice 7 · INV-20418."""
    name = f"{plan.label('Invoice')} {invoice.position}"
    return f"{name} · {invoice.number}" if invoice.number else name
