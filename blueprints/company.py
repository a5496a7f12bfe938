"""What holds for all projects of the company, set by administrators."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required
from models import Installation, utcnow
from services import company_rules, dictionaries, retention
from services.dictionaries import UnknownDictionary
from services.retention import RuleRefused

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


@bp.post("/retention")
@administrator_required
def choose_retention() -> ResponseReturnValue:
    """How long the files of backups stay; what is over goes within the hour."""
    try:
        retention.choose(retention.rule_of(request.form))
    except RuleRefused as e:
        asked = {name: request.form.get(name, "")[:6] for name in ("days", "last")}
        asked["rule"] = request.form.get("rule", "")
        return _page(retention_error=e, asked=asked), 422
    flash("The retention of backups is saved.")
    return redirect(url_for(".show", _anchor="retention"), 303)


def _page(**state: Any) -> str:
    rule = retention.current()
    asked = {"rule": rule.kind, "days": rule.days or "", "last": rule.last or ""}
    return render_template(
        "company/show.html",
        dictionary=Installation.default_dictionary(),
        is_required=company_rules.is_two_factor_required(),
        without=company_rules.without_two_factor(),
        **{"asked": asked, "would_go": retention.count_expired(utcnow()), **state},
    )
