"""What holds for all projects of the company, set by administrators."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required
from models import Installation
from services import company_rules, dictionaries
from services.dictionaries import UnknownDictionary

bp = Blueprint("company", __name__, url_prefix="/company")


@bp.get("")
@administrator_required
def show() -> ResponseReturnValue:
    return _page()


@bp.post("/dictionary")
@administrator_required
def choose_dictionary() -> ResponseReturnValue:
    try:
        dictionaries.choose_for_company(request.form.get("dictionary", ""))
    except UnknownDictionary as e:
        return _page(error=e), 422
    flash("The words of the company are saved.")
    return redirect(url_for(".show"), 303)


@bp.post("/two-factor")
@administrator_required
def require_two_factor() -> ResponseReturnValue:
    is_required = request.form.get("required") == "yes"
    company_rules.require_two_factor(is_required=is_required)
    if is_required:
        flash("Everybody needs a second factor now; whoever has none is led to setting one up.")
    else:
        flash("A second factor is everybody’s own choice now.")
    return redirect(url_for(".show"), 303)


def _page(error: UnknownDictionary | None = None) -> str:
    chosen = Installation.default_dictionary()
    return render_template(
        "company/show.html",
        dictionary=chosen,
        error=error,
        is_required=company_rules.is_two_factor_required(),
        without=company_rules.without_two_factor(),
    )
