"""What docs/operations.md tells people to do, done."""

import re
import shlex
import threading

import click

from models import StoredFile, User, db
from supervisor.database import prepare
from tests.conftest import ROOT, sign_in, wait_for
from tests.factories import make_file
from tests.test_system_backups import data, fresh

__all__ = ["data", "fresh"]
TEXT = (ROOT / "docs" / "operations.md").read_text()


def run(app, *arguments):
    answer = app.test_cli_runner().invoke(args=[str(each) for each in arguments])
    assert answer.exit_code == 0, answer.output
    return answer.stdout


def test_every_command_that_it_names_is_there(app):
    named = re.findall(r"flask ((?:system|audit|project|user) [a-z-]+)([^`\n#|&]*)", TEXT)
    assert len(named) > 15
    for name, rest in named:
        group, command = name.split()
        found = app.cli.get_command(None, group).get_command(None, command)
        assert found is not None, name
        known = {
            opt for each in found.params if isinstance(each, click.Option) for opt in each.opts
        }
        options = {each for each in shlex.split(rest) if each.startswith("--")}
        assert options <= known, (name, options)


def test_the_rehearsal_ends_with_the_same_data_and_no_session(app, data, fresh, tmp_path):
    """Make, back up while writes go on, verify, restore into an empty folder, start."""
    browser = sign_in(app, "alice@example.org")
    place = tmp_path / "backups"
    place.mkdir()
    stop, before = threading.Event(), []

    def write():
        with app.app_context():
            while not stop.is_set():
                before.append(make_file(b"%d" % len(before)).sha256)
                db.session.commit()
            db.session.remove()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_for(lambda: len(before) > 5, what="some writes")
        entered = list(before)
        run(app, "system", "backup", place, "--incremental", "--keep", "1")
    finally:
        stop.set()
        writer.join()
    assert "is whole" in run(app, "system", "verify", place)
    assert "everybody signs in again" in run(fresh, "system", "restore", place)
    assert "unbroken" in run(fresh, "audit", "verify")

    assert not prepare(fresh).needs_administrator
    with fresh.app_context():
        assert set(entered) <= set(db.session.scalars(db.select(StoredFile.sha256)))
        assert db.session.scalar(db.select(User.name)) == "Alice Adams"
        db.session.remove()
    fresh.config["SECRET_KEY"] = app.config["SECRET_KEY"]
    stale = fresh.test_client()
    stale.set_cookie("session", browser.get_cookie("session").value)
    assert stale.get("/projects").status_code == 303
    assert sign_in(fresh, "alice@example.org").get("/projects").status_code == 200
