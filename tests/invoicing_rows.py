"""Projects with many invoices, for tests of the Subcontractor tab."""

import sqlalchemy as sa

from models import Invoice, InvoiceStatus, db
from tests.factories import make_company, make_contract, make_period, make_project


def make_many_invoices(contracts, each, **values):
    """A project with `contracts` contracts and `each` invoices on every one; returns its id.

    Contract and company numbers start at 1; statuses take turns.
    """
    project = make_project(**values)
    companies = [make_company(project, name=f"Builder {n + 1}") for n in range(min(contracts, 40))]
    periods = [make_period(project, month=month) for month in range(1, 11)]
    statuses = list(InvoiceStatus)
    rows = []
    for n in range(contracts):
        contract = make_contract(
            project, company=companies[n % len(companies)], number=f"SC-{n + 1}"
        )
        rows += [
            {
                "contract_id": contract.id,
                "period_id": periods[position % 10].id,
                "position": position,
                "status": statuses[(n + position) % len(statuses)],
                "gross_this_period": 1_000_00 * position,
                "payment_due": 900_00 * position,
                "contract_sum_to_date": 100_000_00,
                "completed_and_stored": 5_000_00 * position,
                "comments": f"Progress of month {position}",
            }
            for position in range(1, each + 1)
        ]
    db.session.execute(sa.insert(Invoice), rows)
    db.session.commit()
    return project.id
