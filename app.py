"""The application factory; the web server, `flask` and `worker.py` all start here."""

from collections.abc import Mapping
from typing import Any

from flask import Flask
from redis import Redis
from werkzeug.middleware.proxy_fix import ProxyFix

import blueprints
import settings
from blueprints import tracing
from blueprints.mounting import Mounted
from extensions import babel, csrf, htmx, login_manager, mail, migrate
from models import db
from services import formats


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """An application with the settings of the environment, overridden by `config`."""
    app = Flask(__name__)
    app.config.from_mapping(settings.load())
    app.config.from_mapping(config or {})
    app.config["DATA_DIR"].mkdir(mode=0o700, parents=True, exist_ok=True)
    if not app.config["SECRET_KEY"]:
        app.config["SECRET_KEY"] = settings.kept_secret(app.config["DATA_DIR"] / "secret-key")

    if path := settings.path_of(app.config["BASE_URL"]):
        app.config["APPLICATION_ROOT"] = path
        app.wsgi_app = Mounted(app.wsgi_app, path)  # type: ignore[method-assign]
    if proxies := app.config["PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]

    tracing.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db)
    babel.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
    login_manager.init_app(app)
    mail.init_app(app)
    app.extensions["redis"] = Redis.from_url(app.config["REDIS_URL"], socket_connect_timeout=2)

    formats.init_app(app)
    blueprints.init_app(app)
    return app
