"""`flask user …`: accounts, and the ways back in when nobody can help in the browser."""

import click
from flask import Blueprint, current_app

from models import SignInState, User, db, utcnow
from services import audit, users
from services.sign_in import second_factors, sessions
from services.users import AccountRefused

bp = Blueprint("user_commands", __name__, cli_group="user")


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


@bp.cli.command("sign-in-link")
@click.argument("email")
def sign_in_link_command(email: str) -> None:
    """Print a link that signs EMAIL in once, within 15 minutes: where passwords or the provider
    do not help."""
    user = _account(email)
    token = sessions.begin(user.id, SignInState.LINK, utcnow())
    audit.note("session.link_made", subject=("user", user.id), detail={"person": user.email})
    click.echo(f"{current_app.config['BASE_URL']}/sign-in/link/{token}")


@bp.cli.command("reset-two-factor")
@click.argument("email")
def reset_two_factor_command(email: str) -> None:
    """Take the second factor of EMAIL away, for example after the telephone was lost."""
    user = _account(email)
    if not second_factors.is_on(user.id):
        raise click.ClickException(f"{user.email} has no second factor.")
    second_factors.reset(user)
    click.echo(f"{user.email} signs in without a second factor until a new one is set up.")


def _account(email: str) -> User:
    user: User | None = db.session.scalar(User.named(email))
    if user is None:
        raise click.ClickException(f"There is no account for {email}.")
    if not user.is_active:
        raise click.ClickException(f"{user.email} is deactivated. Activate the account first.")
    return user
