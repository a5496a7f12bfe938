"""What becomes of signatures, in the record of what happened."""

from models import Contract, Invoice, Signature, db
from services import audit


def note(action: str, signature_id: int) -> None:
    """Add an entry about a signature to the transaction that changes it."""
    row = db.session.get_one(Signature, signature_id, populate_existing=True)
    invoice = db.session.get_one(Invoice, row.invoice_id)
    contract = db.session.get_one(Contract, invoice.contract_id)
    detail = {"contract": contract.number, "invoice": invoice.label}
    if row.envelope_id:
        detail["envelope"] = row.envelope_id
    if row.reason:
        detail["reason"] = row.reason
    audit.record(
        action, project=contract.project_id, subject=("invoice", invoice.id), detail=detail
    )
