"""Tables, constraints, queries and state changes."""

from models.account import AccountToken, Attempt, Purpose
from models.api_token import ApiAnswer, ApiToken
from models.audit import AuditEntry
from models.backup import Backup, BackupStatus, backup_contract
from models.base import Base, be_patient, db, reading, use_database, utcnow, writing
from models.billing_period import (
    BillingPeriod,
    Frequency,
    PeriodEvent,
    PeriodSchedule,
    PeriodStatus,
)
from models.contract import (
    CONTRACT_STATUSES,
    AccountingMethod,
    ChangeOrder,
    ChangeOrderStatus,
    Contract,
    ContractType,
    SovLine,
    contract_reader,
)
from models.contract_terms import ContractEvent, InvoiceContact, RetainageRule
from models.delivery import (
    BackupLink,
    BackupSchedule,
    DeliveryPlan,
    MailDelivery,
    MailKind,
    MailState,
    Occasion,
    Recipient,
)
from models.dictionary import Dictionary, Installation
from models.document_request import DocumentRequest, SubmissionStatus, SubmittedFile
from models.document_type import DocumentKind, DocumentType
from models.file import Attachment, StoredFile
from models.import_job import ImportJob, ImportStatus
from models.invoice import (
    Invoice,
    InvoiceComment,
    InvoiceEvent,
    InvoiceLine,
    InvoiceStatus,
    Review,
)
from models.payment import Payment, PaymentMethod
from models.project import Company, Project
from models.required_document import (
    DocumentExemption,
    RequiredDocument,
    Requirement,
    Strictness,
)
from models.sign_in import (
    Identity,
    ProviderVisit,
    RecoveryCode,
    SecondFactor,
    SignIn,
    SignInState,
)
from models.signing import (
    LIVE_SIGNATURES,
    OPEN_SIGNATURES,
    ConnectKey,
    Signature,
    SignatureStatus,
    SigningAccount,
    SigningProvider,
)
from models.user import Access, Membership, User
from models.waiting_mail import Topic, WaitingMail

__all__ = [
    "CONTRACT_STATUSES",
    "LIVE_SIGNATURES",
    "OPEN_SIGNATURES",
    "Access",
    "AccountToken",
    "AccountingMethod",
    "ApiAnswer",
    "ApiToken",
    "Attachment",
    "Attempt",
    "AuditEntry",
    "Backup",
    "BackupLink",
    "BackupSchedule",
    "BackupStatus",
    "Base",
    "BillingPeriod",
    "ChangeOrder",
    "ChangeOrderStatus",
    "Company",
    "ConnectKey",
    "Contract",
    "ContractEvent",
    "ContractType",
    "DeliveryPlan",
    "Dictionary",
    "DocumentExemption",
    "DocumentKind",
    "DocumentRequest",
    "DocumentType",
    "Frequency",
    "Identity",
    "ImportJob",
    "ImportStatus",
    "Installation",
    "Invoice",
    "InvoiceComment",
    "InvoiceContact",
    "InvoiceEvent",
    "InvoiceLine",
    "InvoiceStatus",
    "MailDelivery",
    "MailKind",
    "MailState",
    "Membership",
    "Occasion",
    "Payment",
    "PaymentMethod",
    "PeriodEvent",
    "PeriodSchedule",
    "PeriodStatus",
    "Project",
    "ProviderVisit",
    "Purpose",
    "Recipient",
    "RecoveryCode",
    "RequiredDocument",
    "Requirement",
    "RetainageRule",
    "Review",
    "SecondFactor",
    "SignIn",
    "SignInState",
    "Signature",
    "SignatureStatus",
    "SigningAccount",
    "SigningProvider",
    "SovLine",
    "StoredFile",
    "Strictness",
    "SubmissionStatus",
    "SubmittedFile",
    "Topic",
    "User",
    "WaitingMail",
    "backup_contract",
    "be_patient",
    "contract_reader",
    "db",
    "reading",
    "use_database",
    "utcnow",
    "writing",
]
