"""What every view may answer instead, for the OpenAPI document."""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint

from blueprints.api.problems import PROBLEM
from blueprints.api.schemas import Problem

View = Callable[..., Any]


def refusing(bp: Blueprint, *codes: int) -> Callable[[View], View]:
    """Document the problem details of these status codes, and of those that all views share."""

    def documented(view: View) -> View:
        for code in sorted({401, 403, *codes}):
            view = bp.alt_response(code, schema=Problem, content_type=PROBLEM)(view)
        return view

    return documented
