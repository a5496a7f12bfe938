"""Who acts at this moment, for the audit log: the person signed in, a command, or nobody."""

import click
from flask import Flask, has_request_context, request
from flask_login import current_user

from services import audit
from services.audit import NOBODY, Actor


def init_app(app: Flask) -> None:
    audit.who_acts_by(app, actor)


def actor() -> Actor:
    if has_request_context():
        address = client_address()
        if current_user.is_authenticated:
            return Actor(current_user._get_current_object(), address=address)  # noqa: SLF001
        return Actor(name="Somebody not signed in", address=address)
    if click.get_current_context(silent=True):
        return Actor(name="The command line")
    return NOBODY


def client_address() -> str:
    """From where the request comes, as far as the proxies that were declared tell."""
    return request.remote_addr or ""
