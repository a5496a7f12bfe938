"""`python -m supervisor`: the whole product, until Ctrl-C."""

import http.client
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import settings
from supervisor import checks, redis_server
from supervisor.checks import CannotStart
from supervisor.house import House
from supervisor.processes import Keeper, Program
from supervisor.speech import say
from supervisor.stopping import Stopped, StopRequests

#: A job that runs when we are asked to stop gets this many seconds to finish.
JOB_GRACE = 60


def main() -> None:
    config = settings.load()
    data: Path = config["DATA_DIR"]
    with checks.claimed(data) as lock:
        checks.check_space(data)
        checks.check_port(config["HOST"], config["PORT"])
        stop = StopRequests()
        stop.listen()
        with Keeper(lock) as keeper:
            house = House(keeper, stop)
            try:
                open_house(house, config)
                house.keep()
            except Stopped:
                say("Stopping; a job that is running may finish first (Ctrl-C again: at once).")
            finally:
                house.close()
            say("Stopped.")


def open_house(house: House, config: dict[str, Any]) -> None:
    data = config["DATA_DIR"]
    state = json.loads(house.run_once(_python(data, "database", "-m", "supervisor.database")))
    has_own_redis = start_redis(house, config["REDIS_URL"], data)
    house.move_in(web_server(config), lambda: is_live(config["HOST"], config["PORT"]))
    for number in range(1, max(config["WORKERS"], 1) + 1):
        house.move_in(worker(data, number, has_own_redis=has_own_redis))
    if state["is_unused"] and config["LOAD_DEMO"]:
        load_demo(house, data)
    greet(config, needs_administrator=state["needs_administrator"])


def start_redis(house: House, url: str, data: Path) -> bool:
    """Start our own server, or look for the one that the settings name."""
    if url == settings.default_redis_url(data):
        try:
            house.move_in(redis_server.program(url, data), lambda: redis_server.answers(url))
        except CannotStart:
            if not redis_server.put_aside(data):
                raise
            say("The files of the queue are damaged and were put aside; what waits is queued anew.")
            house.move_in(redis_server.program(url, data), lambda: redis_server.answers(url))
        return True
    if not redis_server.answers(url):
        raise CannotStart(
            f"DRAWPACK_REDIS_URL: no Redis server answers at {_without_password(url)}. Start it, "
            "or leave the setting out and Drawpack starts one itself."
        )
    return False


def web_server(config: dict[str, Any]) -> Program:
    """Its options are in `gunicorn.conf.py`, for who runs it without us too."""
    command = ["-m", "gunicorn", "app:create_app()"]
    return _python(config["DATA_DIR"], "web", *command, name="The web server")


def worker(data: Path, number: int, *, has_own_redis: bool) -> Program:
    command = [sys.executable, "worker.py", *(["--alone"] if has_own_redis else [])]
    log = data / "logs" / ("worker.log" if number == 1 else f"worker-{number}.log")
    name = "The worker" if number == 1 else f"Worker {number}"
    return Program(name, command, log, grace=JOB_GRACE, is_asked_first=True)


def load_demo(house: House, data: Path) -> None:
    """An installation without its demo project is still of use, so this may fail."""
    say("Loading the demo project …")
    try:
        house.run_once(_python(data, "demo", "-m", "flask", "project", "demo", name="The demo"))
    except CannotStart as e:
        say(f"The demo project could not be loaded: {e}")


def greet(config: dict[str, Any], *, needs_administrator: bool) -> None:
    url = config["BASE_URL"]
    say(f"\n  Drawpack is ready: {url}\n")
    if needs_administrator:
        key = (config["DATA_DIR"] / "setup-key").read_text().strip()
        say("  Nobody has an account yet. Create the first administrator here:")
        say(f"  {url}/setup?key={quote(key)}\n")
    say(f"Data and logs are in {config['DATA_DIR']}. Ctrl-C stops Drawpack.")


def is_live(host: str, port: int) -> bool:
    """Whether the web server answers its health check."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - "any" as a name
    with closing(http.client.HTTPConnection(host, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def _python(data: Path, log: str, *arguments: str, name: str = "The database") -> Program:
    return Program(name, [sys.executable, *arguments], data / "logs" / f"{log}.log")


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


if __name__ == "__main__":
    main()
