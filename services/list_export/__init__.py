"""The list of the Subcontractor tab as a file for people: CSV, workbook or PDF."""

from services.list_export.csv_file import as_csv
from services.list_export.listing import Listing, gather
from services.list_export.pdf_file import as_pdf
from services.list_export.xlsx_file import as_xlsx

__all__ = ["Listing", "as_csv", "as_pdf", "as_xlsx", "gather"]
