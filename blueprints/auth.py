"""The first administrator, signing in and out."""

from urllib.parse import urlsplit

import click
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from blueprints.access import user as signed_in
from blueprints.clients import client
from blueprints.rendering import go_to, too_many, wants_fragment
from extensions import htmx, login_manager
from models import User, utcnow
from services import users
from services.throttle import TooManyTries
from services.users import AccountRefused

bp = Blueprint("auth", __name__, cli_group="user")


@login_manager.user_loader
def load_user(user_id: str) -> User | None:
    return User.of_session(user_id)


@login_manager.unauthorized_handler
def ask_who_it_is() -> ResponseReturnValue:
    """To the sign-in page and back: the whole page, also when htmx asked for a part of it."""
    # What was posted is gone after signing in, and its address takes no GET.
    target = htmx.current_url if wants_fragment() else request.method == "GET" and request.url
    here = urlsplit(target or "")._replace(scheme="", netloc="").geturl()
    return go_to(url_for("auth.sign_in", next=here or None))


@bp.get("/setup")
def setup() -> ResponseReturnValue:
    if User.exist():
        return redirect(url_for(".sign_in"), 303)
    return render_template("auth/setup.html")


@bp.post("/setup")
def create_first() -> ResponseReturnValue:
    form = request.form
    try:
        user = users.create_first_administrator(
            form["key"], form["email"], form["name"], form["password"]
        )
    except AccountRefused as e:
        return render_template("auth/setup.html", error=e, form=form), 422
    login_user(user)
    return redirect(url_for("projects.index"), 303)


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    if not User.exist():
        return redirect(url_for(".setup"), 303)
    if current_user.is_authenticated:
        return redirect(_next_page(), 303)
    return render_template("auth/sign_in.html")


@bp.post("/sign-in")
def start_session() -> ResponseReturnValue:
    form = request.form
    try:
        user = users.sign_in(form["email"], form["password"], client(), utcnow())
    except TooManyTries as e:
        return too_many("auth/sign_in.html", e, error=e, form=form)
    if user is None:
        error = "This e-mail address and password do not belong together."
        return render_template("auth/sign_in.html", error=error, form=form), 422
    login_user(user)
    return redirect(_next_page(), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    if current_user.is_authenticated:
        users.sign_out(signed_in())
    logout_user()
    return redirect(url_for(".sign_in"), 303)


def _next_page() -> str:
    """Where the visitor was going, but never to another site."""
    target = request.args.get("next", "")
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not target.startswith(("//", "/\\"))
    if is_ours and not parts.netloc and not parts.scheme:
        return target
    return url_for("projects.index")


def _address(_context: click.Context, _parameter: click.Parameter, email: str) -> str:
    """Refused before a password is asked for."""
    try:
        return users.clean_email(email)
    except AccountRefused as e:
        raise click.BadParameter(str(e)) from e


@bp.cli.command("create")
@click.argument("email", callback=_address)
@click.option("--name", default="", help="Shown beside what this person does.")
@click.option("--administrator", is_flag=True, help="Sees and does everything.")
@click.password_option(envvar="DRAWPACK_PASSWORD", help="Asked for if not given.")
def create_command(email: str, name: str, password: str, *, administrator: bool) -> None:
    """Create an account for EMAIL."""
    try:
        user = users.create_user(email, name, password, is_administrator=administrator)
    except AccountRefused as e:
        raise click.ClickException(str(e)) from e
    click.echo(f"Created {user.email}.")
