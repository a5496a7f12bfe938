"""Tables, constraints, queries and state changes."""

from models.backup import Backup, BackupStatus
from models.base import Base, db, reading, utcnow, writing
from models.billing_period import BillingPeriod, PeriodEvent, PeriodStatus
from models.contract import (
    CONTRACT_STATUSES,
    ChangeOrder,
    ChangeOrderStatus,
    Contract,
    ContractType,
    SovLine,
)
from models.file import Attachment, Signature, SignatureStatus, StoredFile
from models.invoice import Invoice, InvoiceLine, InvoiceStatus
from models.project import Company, Dictionary, Project
from models.user import Access, Membership, User

__all__ = [
    "CONTRACT_STATUSES",
    "Access",
    "Attachment",
    "Backup",
    "BackupStatus",
    "Base",
    "BillingPeriod",
    "ChangeOrder",
    "ChangeOrderStatus",
    "Company",
    "Contract",
    "ContractType",
    "Dictionary",
    "Invoice",
    "InvoiceLine",
    "InvoiceStatus",
    "Membership",
    "PeriodEvent",
    "PeriodStatus",
    "Project",
    "Signature",
    "SignatureStatus",
    "SovLine",
    "StoredFile",
    "User",
    "db",
    "reading",
    "utcnow",
    "writing",
]
