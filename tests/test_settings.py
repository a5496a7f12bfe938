"""Settings come from the environment; what cannot be understood names its variable."""

import subprocess
import sys
from pathlib import Path

import pytest

import settings


def test_defaults_need_nothing_installed():
    config = settings.load({})

    assert config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite:///")
    assert config["REDIS_URL"].startswith("unix:///")
    assert config["MAIL_SERVER"] == ""
    assert config["BASE_URL"] == "http://localhost:8000"


def test_the_data_folder_moves_everything_with_it(tmp_path):
    config = settings.load({"DRAWPACK_DATA_DIR": str(tmp_path)})

    assert config["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{tmp_path}/drawpack.db"
    assert config["REDIS_URL"] == f"unix://{tmp_path}/redis.sock"


def test_a_long_data_folder_gets_a_short_socket():
    url = settings.default_redis_url(Path("/" + "long" * 30))

    assert len(url) < 100
    assert url != settings.default_redis_url(Path("/" + "gone" * 30))


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eight"), ("PORT", "²"), ("MAIL_USE_TLS", "maybe")]
)
def test_a_setting_that_cannot_be_understood_is_named(name, value):
    with pytest.raises(settings.SettingError, match=f"DRAWPACK_{name} must be"):
        settings.load({f"DRAWPACK_{name}": value})


@pytest.mark.parametrize("kind", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_server_is_reached_with_the_driver_that_we_bring(kind):
    url = "://drawpack:p%40ss@db.example.org/drawpack?sslmode=verify-full"
    config = settings.load({"DRAWPACK_DATABASE_URL": kind + url})

    assert config["SQLALCHEMY_DATABASE_URI"] == "postgresql+psycopg" + url


@pytest.mark.parametrize("url", ["mysql://drawpack:secret@db/drawpack", "secret", "postgresql://"])
def test_another_database_is_refused_without_telling_its_password(url):
    with pytest.raises(settings.SettingError, match=r"DRAWPACK_DATABASE_URL must begin") as said:
        settings.load({"DRAWPACK_DATABASE_URL": url})
    assert "secret" not in str(said.value)


def test_cookies_are_for_https_only_where_the_site_is():
    assert settings.load({"DRAWPACK_BASE_URL": "https://draw.example"})["SESSION_COOKIE_SECURE"]
    assert not settings.load({})["SESSION_COOKIE_SECURE"]


def test_a_kept_secret_is_made_once_and_private(tmp_path):
    path = tmp_path / "secret"

    assert settings.kept_secret(path) == settings.kept_secret(path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_leaves_no_empty_secret_behind(tmp_path):
    path = tmp_path / "secret"
    # A process of its own, whose files may have no byte.
    code = "import resource, signal, settings, sys; from pathlib import Path\n"
    code += "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    code += "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    code += "settings.kept_secret(Path(sys.argv[1]))"
    run = subprocess.run(
        [sys.executable, "-c", code, path],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "File too large" in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_mail_over_tls_from_the_first_byte_needs_no_second_setting():
    config = settings.load({"DRAWPACK_MAIL_USE_SSL": "yes", "DRAWPACK_MAIL_PORT": "465"})

    assert (config["MAIL_USE_SSL"], config["MAIL_USE_TLS"]) == (True, False)
    assert settings.load({})["MAIL_USE_TLS"]
