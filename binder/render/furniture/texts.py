"""How furniture names things."""

from binder.plan import Contract, Invoice, Plan
from binder.render import words
from binder.render.words import counted

__all__ = ["contract_name", "counted", "invoice_name", "moment", "project_name", "subtitle"]


def project_name(plan: Plan) -> str:
    """Harbor Tower · 24-017."""
    return " · ".join(part for part in (plan.project_name, plan.project_number) if part)


def subtitle(plan: Plan) -> str:
    """Which project, which backup, as of when."""
    day = words.day(plan.requested_at.date())
    return f"{project_name(plan)} · Backup {plan.number:,} · {day}"


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
