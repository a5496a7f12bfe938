"""What administrators read about the installation."""

from pathlib import Path

from redis import Redis

from tests.conftest import free_port


def test_it_says_whether_office_files_become_pages(app, client):
    assert "LibreOffice is not installed" in client.get("/system").text

    app.config["SOFFICE"] = Path("/opt/office/soffice")
    page = client.get("/system").text

    assert "/opt/office/soffice" in page
    assert "makes pages of Word and Excel files" in page


def test_it_counts_workers_and_says_where_it_cannot(app, client):
    assert "No worker is running" in client.get("/system").text

    redis = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url(f"redis://127.0.0.1:{free_port()}/0")
    assert "The queue cannot be reached" in client.get("/system").text
    app.extensions["redis"].close()
    app.extensions["redis"] = redis


def test_only_administrators_read_it(app, client, member):
    assert client.get("/projects").text.count('href="/system"') == 1
    assert "/system" not in member.get("/projects").text
    assert member.get("/system").status_code in {403, 404}
