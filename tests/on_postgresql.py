"""Fixtures for tests that are about PostgreSQL, whatever the others run on."""

import pytest

from app import create_app
from models import db


@pytest.fixture(scope="module")
def databases(postgresql_databases):
    """In place of the files of SQLite."""
    return postgresql_databases


@pytest.fixture
def new(tmp_path, databases):
    """An application whose database has no tables yet."""
    url = databases.make(tmp_path, is_migrated=False)
    app = create_app({"DATA_DIR": tmp_path, "SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
    app.extensions["redis"].close()
    databases.drop(url)
