"""Everybody with an account. To others than administrators these pages do not exist."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.access import administrator_required
from jobs.waiting_mail import enqueue_about
from models import Access, Project, User, db, utcnow
from services import invitations, mail, people, users
from services.errors import AppError
from services.people import PeopleRefused
from services.sign_in import identities, provider, second_factors
from services.users import AccountRefused

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("")
@administrator_required
def index() -> ResponseReturnValue:
    return _page()


@bp.post("")
@administrator_required
def invite() -> ResponseReturnValue:
    form = request.form
    try:
        where = invitations.place(form.get("project", ""), form.get("access", ""))
        token_id = invitations.invite(form["email"], form.get("name", ""), where, utcnow())
    except AccountRefused as e:
        return _page(error=e, form=form), 422
    enqueue_about(token_id=token_id)
    flash(f"{form['email'].strip().lower()} is invited; the link is good for seven days.")
    return _back()


@bp.post("/<int:user_id>/invitation")
@administrator_required
def invite_again(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    token_id = invitations.invite_again(user, utcnow())
    enqueue_about(token_id=token_id)
    flash(f"{user.email} gets a new link; the old one no longer works.")
    return _back()


@bp.post("/<int:user_id>/deactivate")
@administrator_required
def deactivate(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    people.deactivate(user)
    flash(f"{user.name} can no longer sign in.")
    return _back()


@bp.post("/<int:user_id>/activate")
@administrator_required
def activate(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    people.activate(user)
    flash(f"{user.name} can sign in again.")
    return _back()


@bp.post("/<int:user_id>/administrator")
@administrator_required
def promote(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    people.promote(user)
    flash(f"{user.name} is an administrator now.")
    return _back()


@bp.post("/<int:user_id>/no-administrator")
@administrator_required
def demote(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    people.demote(user)
    flash(f"{user.name} is no longer an administrator.")
    return _back()


@bp.post("/<int:user_id>/sessions/end")
@administrator_required
def end_sessions(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    users.end_sessions(user)
    flash(f"{user.name} must sign in again everywhere.")
    return _back()


@bp.post("/<int:user_id>/two-factor/off")
@administrator_required
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    second_factors.reset(user)
    flash(f"{user.name} signs in without a second factor until a new one is set up.")
    return _back()


@bp.post("/<int:user_id>/provider/unlink")
@administrator_required
def unlink(user_id: int) -> ResponseReturnValue:
    user = _person_or_404(user_id)
    identities.unlink(user)
    flash(f"{user.name} is linked anew at the next sign-in through a provider.")
    return _back()


@bp.errorhandler(PeopleRefused)
@bp.errorhandler(AccountRefused)
def refused(error: AppError) -> ResponseReturnValue:
    return _page(error=error), 422


def _person_or_404(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


def _back() -> ResponseReturnValue:
    return redirect(url_for(".index"), 303)


def _page(**state: Any) -> str:
    named = provider.configured()
    projects = db.session.scalars(Project.visible_to(None)).all()
    return render_template(
        "people/index.html",
        people=people.everybody(),
        projects=projects,
        accesses=list(Access),
        has_mail_server=mail.has_server(),
        provider=named,
        linked=identities.linked(named.issuer) if named else frozenset(),
        now=utcnow(),
        **state,
    )
