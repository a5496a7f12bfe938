"""Invoices as their pages show them: rows to `binder.render`."""

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from billing import Sheet
from binder.marking import _
from binder.render.document import (
    TERMS,
    ChangeOrderTitle,
    ContractFacts,
    InvoiceDocument,
    InvoiceFacts,
    ProjectFacts,
)
from models import (
    BillingPeriod,
    ChangeOrder,
    Company,
    Contract,
    ContractType,
    Invoice,
    Project,
    db,
)
from services import dictionaries, sheets
from services.formats import words

#: Keys of the dictionary; the page translates them.
_KINDS = {
    ContractType.SUBCONTRACT: _("Subcontract"),
    ContractType.PURCHASE_ORDER: _("Purchase order"),
}


def of_invoices(invoice_ids: Collection[int]) -> dict[int, InvoiceDocument]:
    """The documents of these invoices by id, in a fixed number of statements.

    Ids without an invoice are left out. Raises `billing`'s ValueErrors for ambiguous rows.
    """
    invoices = _invoices(invoice_ids)
    contract_ids = {invoice.contract_id for invoice in invoices}
    billed = sheets.of_contracts(contract_ids)
    titles = _change_order_titles(contract_ids)
    labels = _labels({invoice.contract.project for invoice in invoices})
    return {
        invoice.id: _document(
            invoice,
            billed[invoice.contract_id][invoice.position],
            titles,
            labels[invoice.contract.project_id],
        )
        for invoice in invoices
    }


def _invoices(invoice_ids: Collection[int]) -> list[Invoice]:
    query = (
        sa.select(Invoice)
        .join(Invoice.contract)
        .join(Contract.company)
        .join(Contract.project)
        .outerjoin(Invoice.period)
        .where(Invoice.id.in_(set(invoice_ids)))
        .options(
            contains_eager(Invoice.contract).contains_eager(Contract.company),
            contains_eager(Invoice.contract).contains_eager(Contract.project),
            contains_eager(Invoice.period),
        )
    )
    return list(db.session.scalars(query))


def _change_order_titles(contract_ids: Collection[int]) -> dict[tuple[int, str], str]:
    rows = db.session.execute(
        sa.select(ChangeOrder.contract_id, ChangeOrder.number, ChangeOrder.title).where(
            ChangeOrder.contract_id.in_(contract_ids)
        )
    )
    return {(contract_id, number): title for contract_id, number, title in rows}


def _labels(projects: Collection[Project]) -> dict[int, Mapping[str, str]]:
    """The words of each project's dictionary that its pages show otherwise, by its id."""
    return {
        project.id: dictionaries.labels(dictionaries.of_project(project), TERMS)
        for project in projects
    }


def _document(
    invoice: Invoice,
    sheet: Sheet,
    titles: Mapping[tuple[int, str], str],
    labels: Mapping[str, str],
) -> InvoiceDocument:
    return InvoiceDocument(
        project=_project(invoice.contract.project),
        contract=_contract(invoice.contract, invoice.contract.company),
        invoice=_facts(invoice, invoice.period),
        sheet=sheet,
        change_orders=tuple(
            ChangeOrderTitle(number, titles[invoice.contract_id, number])
            for number in dict.fromkeys(line.change_order for line in sheet.lines)
            if number
        ),
        labels=labels,
    )


def _project(project: Project) -> ProjectFacts:
    return ProjectFacts(
        name=project.name,
        number=project.number,
        owner=project.owner,
        general_contractor=project.general_contractor,
        architect=project.architect,
        address=project.address,
    )


def _contract(contract: Contract, company: Company) -> ContractFacts:
    return ContractFacts(
        number=contract.number,
        title=contract.title,
        company=company.name,
        company_address=company.address,
        contract_date=contract.contract_date,
        kind=_KINDS[contract.type],
    )


def _facts(invoice: Invoice, period: BillingPeriod | None) -> InvoiceFacts:
    return InvoiceFacts(
        position=invoice.position,
        number=invoice.number,
        status=words(invoice.status),
        is_draft=not invoice.status.is_approved,
        period_start=period.start if period else None,
        period_end=period.end if period else None,
        billing_date=invoice.billing_date,
        comments=invoice.comments,
    )
