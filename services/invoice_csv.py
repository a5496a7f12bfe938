"""One invoice as CSV: a row for each line, under the names of `flask invoice show --json`."""

import csv
import io

from models import Invoice
from services import invoice_json
from services.list_export.cells import guarded


def as_csv(invoice: Invoice) -> bytes:
    """For people and their spreadsheets: text that looks like a formula is guarded."""
    described = invoice_json.describe(invoice)
    about = {
        "contract": described["contract"],
        "position": str(described["position"]),
        "number": described["number"],
        "period_start": described["period"]["start"] or "",
        "period_end": described["period"]["end"] or "",
    }
    lines = [
        about | {name: value or "" for name, value in row.items()} for row in described["lines"]
    ]
    texts = {"contract", "number", "item", "change_order", "description"}
    names = list(lines[0]) if lines else [*about]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    for line in lines:
        writer.writerow({k: guarded(v) if k in texts else v for k, v in line.items()})
    return out.getvalue().encode("utf-8-sig")
