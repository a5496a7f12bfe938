"""The shapes of what programs send and get."""

from typing import Any

from marshmallow import Schema, fields, validate

from billing import decimal_string
from models import BackupStatus, ContractType, InvoiceStatus, PeriodStatus

#: No row has a larger number; a larger one is a mistake and not an id.
_LARGEST_ID = 999_999_999


class Cents(fields.Field[int]):
    """Cents here, decimal text with two places outside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:  # noqa: ARG002
        return None if value is None else decimal_string(value)


_AMOUNT = {"type": "string", "pattern": r"^-?\d+\.\d\d$", "examples": ["1234.50"]}


def amount() -> Cents:
    return Cents(dump_only=True, metadata=_AMOUNT)


def choice(kinds: Any) -> fields.String:
    return fields.String(validate=validate.OneOf([str(kind) for kind in kinds]))


class Project(Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True)
    name = fields.String(required=True)
    timezone = fields.String(required=True)
    owner = fields.String()
    general_contractor = fields.String()
    architect = fields.String()
    address = fields.String()


class Contract(Schema):
    id = fields.Integer(required=True)
    number = fields.String(required=True)
    title = fields.String(required=True)
    company = fields.String(attribute="company.name", required=True)
    type = choice(ContractType)
    status = fields.String(required=True)
    executed = fields.Boolean()
    contract_date = fields.Date(allow_none=True)
    is_private = fields.Boolean()


class Period(Schema):
    id = fields.Integer(required=True)
    start = fields.Date(required=True)
    end = fields.Date(required=True)
    due = fields.Date(allow_none=True)
    status = choice(PeriodStatus)


class Invoice(Schema):
    id = fields.Integer(required=True)
    contract_id = fields.Integer(required=True)
    contract = fields.String(attribute="contract.number", required=True)
    position = fields.Integer(required=True)
    number = fields.String(required=True)
    status = choice(InvoiceStatus)
    period = fields.Nested(Period, allow_none=True)
    billing_date = fields.Date(allow_none=True)
    gross_this_period = amount()
    completed_and_stored = amount()
    total_retainage = amount()
    payment_due = amount()
    balance_to_finish = amount()


class InvoiceLines(Schema):
    """The invoice with its summary and lines; the names of the field, amounts as text."""

    contract = fields.String(required=True)
    position = fields.Integer(required=True)
    number = fields.String(required=True)
    status = choice(InvoiceStatus)
    period = fields.Dict(keys=fields.String(), values=fields.String(allow_none=True))
    summary = fields.Dict(keys=fields.String(), values=fields.String())
    lines = fields.List(fields.Dict(keys=fields.String(), values=fields.String(allow_none=True)))


class Attachment(Schema):
    id = fields.Integer(required=True)
    name = fields.String(required=True)
    document_type = fields.String(allow_none=True)
    sha256 = fields.String(required=True)
    size = fields.Integer(attribute="file.size")
    #: None until somebody has looked into the file.
    pages = fields.Integer(attribute="file.pages", allow_none=True)
    problem = fields.String(attribute="file.problem", allow_none=True)
    is_left_out = fields.Boolean()


class Upload(Schema):
    file = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class UploadForm(Schema):
    document_type = fields.String(load_default="", validate=validate.Length(max=40))


_Id = fields.Integer(strict=True, validate=validate.Range(1, _LARGEST_ID))
_ids = validate.Length(max=5000)


class Selection(Schema):
    """Which invoices: by id, by the number of their contract, or all of the project."""

    invoices = fields.List(_Id, load_default=list, validate=_ids)
    contracts = fields.List(
        fields.String(validate=validate.Length(1, 60)), load_default=list, validate=_ids
    )
    all = fields.Boolean(load_default=False, truthy={True}, falsy={False})


class Finding(Schema):
    code = fields.String(required=True)
    contract = fields.String()
    invoice = fields.String()
    period = fields.String()
    file = fields.String()
    message = fields.String(required=True)


class Preflight(Schema):
    contracts = fields.Integer()
    invoices = fields.Integer()
    documents = fields.Integer()
    pages = fields.Integer()
    size = fields.Integer()
    blocking = fields.List(fields.Nested(Finding))
    warnings = fields.List(fields.Nested(Finding))
    notes = fields.List(fields.Nested(Finding))


class Backup(Schema):
    id = fields.Integer(required=True)
    number = fields.Integer(required=True)
    status = choice(BackupStatus)
    step = fields.String()
    documents_done = fields.Integer()
    documents_total = fields.Integer()
    pages_done = fields.Integer()
    error = fields.String(allow_none=True)
    file_name = fields.String()
    pages = fields.Integer(allow_none=True)
    size = fields.Integer(allow_none=True)
    sha256 = fields.String(allow_none=True)
    requested_at = fields.DateTime()
    finished_at = fields.DateTime(allow_none=True)
    is_kept = fields.Boolean()
    files_removed_at = fields.DateTime(allow_none=True)


class InvoiceFilter(Schema):
    contract = fields.String(validate=validate.Length(1, 60))
    status = choice(InvoiceStatus)
    period_id = fields.Integer(validate=validate.Range(1, _LARGEST_ID))


class BackupFile(Schema):
    volume = fields.Integer(load_default=1, validate=validate.Range(1, 10_000))


class Problem(Schema):
    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    #: What is wrong with the request, by place and field.
    errors = fields.Dict()
    #: What keeps a backup from being compiled.
    blocking = fields.List(fields.Nested(Finding))
