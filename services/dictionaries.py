"""What documents call things in each point-of-view dictionary (domain 6): by whole term, never by
replacing parts of words."""

from collections.abc import Mapping

from models import Dictionary

#: English general-contractor term to the word shown; what is absent stays as it is.
_TERMS: dict[Dictionary, dict[str, str]] = {
    Dictionary.GENERAL_CONTRACTORS: {},
    Dictionary.OWNERS: {
        "Subcontract": "Contract",
        "Subcontractor": "Contractor",
        "Subcontractor invoice": "Contractor invoice",
        "Subcontractor invoice backup": "Contractor invoice backup",
    },
    Dictionary.SPECIALTY_CONTRACTORS: {"Invoice #": "Progress Billing #"},
}


def terms(dictionary: Dictionary) -> Mapping[str, str]:
    return _TERMS[dictionary]


def term(dictionary: Dictionary, english: str) -> str:
    return _TERMS[dictionary].get(english, english)
