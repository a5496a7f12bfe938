"""The JSON API for programs, below /api/v1, described by an OpenAPI document."""

from threading import Lock
from typing import Any

from flask import Flask, Response
from flask_smorest import Api, Blueprint

from blueprints.api import backups, contracts, invoices, projects
from blueprints.api.tokens import authenticate
from extensions import csrf

_MODULES = (projects, contracts, invoices, backups)
for _module in _MODULES:
    _module.bp.before_request(authenticate)

OPENAPI = {
    "API_TITLE": "Drawpack",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api/v1",
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": "Projects, contracts, billing periods and invoices as they are, files "
            "for invoices, the preflight of a selection, and its backup. Amounts are decimal text "
            "with two places, days and moments ISO 8601. Errors are problem details (RFC 9457)."
        },
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
    },
}


class _Api(Api):
    """Describes the views when the description is first asked for: few processes ever are, and it
    takes as long as all else that makes an application."""

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Blueprint] = []
        self._describing = Lock()
        super().__init__(app)

    def register_blueprint(self, blp: Blueprint, **options: Any) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undescribed.append(blp)

    def _openapi_json(self) -> Response:
        with self._describing:
            if self._undescribed:
                super()._register_responses()
            while self._undescribed:
                blp = self._undescribed.pop(0)
                blp.register_views_in_doc(
                    self, self._app, self.spec, name=blp.name, parameters=None
                )
                self.spec.tag({"name": blp.name, "description": blp.description})
        answer: Response = super()._openapi_json()
        return answer

    def _register_responses(self) -> None:
        """One for every status there is, of which few are used: with the views."""

    def _register_error_handlers(self) -> None:
        """Ours answer for pages and programs alike (`blueprints.errors`)."""


def init_app(app: Flask) -> None:
    for name, value in OPENAPI.items():
        app.config.setdefault(name, value)
    # Its paths are relative to this one (OpenAPI 3.1, 4.8.5).
    servers = [{"url": app.config["APPLICATION_ROOT"]}]
    app.config["API_SPEC_OPTIONS"] = {**app.config["API_SPEC_OPTIONS"], "servers": servers}
    api = _Api(app)
    for module in _MODULES:
        # A token in a header is sent by nobody unasked, so there is nothing to forge.
        csrf.exempt(module.bp)
        api.register_blueprint(module.bp)
