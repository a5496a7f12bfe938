"""The mathematics of progress billing. Pure: no Flask, no database, no PDF."""

from billing.ambiguity import DuplicateLine, DuplicatePosition, UnknownLine
from billing.bill import bill
from billing.inputs import ChangeOrder, ContractInput, Entry, InvoiceInput, Line, LineKey
from billing.money import (
    MAX_CENTS,
    InvalidAmount,
    InvalidPercent,
    NothingToSpreadOver,
    decimal_string,
    format_cents,
    parse_cents,
    parse_percent,
    percent_of,
    ratio_percent,
    spread,
)
from billing.sheet import ChangeOrderBox, Sheet, SheetLine, Summary
from billing.sliding_scale import (
    MAX_RULES,
    Rule,
    Tier,
    TooManyRules,
    Until,
    retainage_by_rules,
    retainage_by_tiers,
)
from billing.units import (
    InvalidQuantity,
    decimal_units,
    extended,
    format_units,
    parse_units,
)

__all__ = [
    "MAX_CENTS",
    "MAX_RULES",
    "ChangeOrder",
    "ChangeOrderBox",
    "ContractInput",
    "DuplicateLine",
    "DuplicatePosition",
    "Entry",
    "InvalidAmount",
    "InvalidPercent",
    "InvalidQuantity",
    "InvoiceInput",
    "Line",
    "LineKey",
    "NothingToSpreadOver",
    "Rule",
    "Sheet",
    "SheetLine",
    "Summary",
    "Tier",
    "TooManyRules",
    "UnknownLine",
    "Until",
    "bill",
    "decimal_string",
    "decimal_units",
    "extended",
    "format_cents",
    "format_units",
    "parse_cents",
    "parse_percent",
    "parse_units",
    "percent_of",
    "ratio_percent",
    "retainage_by_rules",
    "retainage_by_tiers",
    "spread",
]
