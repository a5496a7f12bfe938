"""HTTP: one module per noun, registered here."""

from flask import Flask

from blueprints import (
    auth,
    commands,
    errors,
    health,
    projects,
)
from blueprints.rendering import vary_on_htmx
from blueprints.security import add_headers, begin_reading


def init_app(app: Flask) -> None:
    for module in (auth, commands, errors, health, projects):
        app.register_blueprint(module.bp)
    app.before_request(begin_reading)
    app.after_request(vary_on_htmx)
    app.after_request(add_headers)
