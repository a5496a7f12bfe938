"""The terms of the point-of-view dictionaries (docs/domain.md 23), in the words of general
contractors: what the catalogues are asked for. Whole terms, with the forms derived from
them; a term is never made by putting words together.
"""

from binder.marking import _

TERMS = (
    _("Invoicing"),
    _("Owner"),
    _("Owner/Client"),
    _("Owner invoice"),
    _("Owner invoices"),
    _("Prime Contract"),
    _("Prime Contracts"),
    _("Prime Contract Change Order"),
    _("Prime Contract Change Orders"),
    _("Revenue"),
    _("Subcontract"),
    _("Subcontracts"),
    _("subcontract"),
    _("subcontracts"),
    _("Subcontractor"),
    _("Subcontractors"),
    _("Subcontractor’s"),
    _("subcontractor"),
    _("subcontractors"),
    _("subcontractor’s"),
    _("Subcontractor Schedule of Values"),
    _("Subcontractor Schedule of Values (SSOV)"),
    _("SSOV"),
    _("SSOVs"),
    _("SSOVs Not Approved"),
    _("Subcontractor invoice"),
    _("Subcontractor invoices"),
    _("subcontractor invoice"),
    _("subcontractor invoices"),
    _("Subcontractor invoice backup"),
    _("Subcontractor invoice backups"),
    _("Invoice backup"),
    _("Invoice backups"),
    _("invoice backup"),
    _("invoice backups"),
    _("Compile Invoice Backups"),
    _("Invoice #"),
    _("Invoice contact"),
    _("Invoice contacts"),
    _("invoice contact"),
    _("invoice contacts"),
    _("No Invoice Contacts"),
)

#: A few to choose a dictionary by.
SAMPLES = (
    _("Invoicing"),
    _("Subcontractor"),
    _("Subcontract"),
    _("Owner/Client"),
    _("Invoice #"),
)
