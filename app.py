"""The application factory; the web server, `flask` and `worker.py` all start here."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

import settings
from extensions import babel, csrf, htmx, login_manager, mail
from models import db, use_database
from services import formats, tracing


def create_app(config: Mapping[str, Any] | None = None, *, pages: bool = True) -> Flask:
    """An application with the settings of the environment, overridden by `config`.

    Without `pages` it answers no request and has no commands: what a worker needs.
    """
    app = Flask(__name__)
    app.config.from_mapping(settings.load())
    app.config.from_mapping(config or {})
    app.config["DATA_DIR"].mkdir(mode=0o700, parents=True, exist_ok=True)
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = settings.kept_secret(app.config["DATA_DIR"] / "secret-key")

    tracing.set_up(app.config["LOG_FORMAT"])
    use_database(app)
    babel.init_app(app)
    mail.init_app(app)
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"], socket_connect_timeout=2)
    formats.init_app(app)
    if pages:
        _add_pages(app)
    return app


def _add_pages(app: Flask) -> None:
    # Imported here: every job is a fork of its worker, and would carry them.
    import blueprints  # noqa: PLC0415
    from blueprints import tracing as tracing_of_requests  # noqa: PLC0415
    from blueprints.mounting import Mounted  # noqa: PLC0415
    from services.system.schema import migrate  # noqa: PLC0415

    if path := settings.path_of(app.config["BASE_URL"]):
        app.config["APPLICATION_ROOT"] = path
        app.wsgi_app = Mounted(app.wsgi_app, path)  # type: ignore[method-assign]
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]

    migrate.init_app(app, db)
    # Before everything else that looks at a request, so that each refusal has its id.
    tracing_of_requests.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    blueprints.init_app(app)
