"""Fifty people at once: each a session of its own that asks for what people ask for."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import httpx

from bench.breaking.browser import EMAIL, Browser
from bench.breaking.installation import Installation
from bench.breaking.scene import Scene

#: Requests of 50 people who look at each page for five seconds.
AN_HOUR = 36_000


@dataclass(slots=True)
class Answers:
    """Seconds of each answer by what was asked for, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str, seconds: float, error: str = "") -> None:
        with self.lock:
            self.seconds.setdefault(what, []).append(seconds)
            if error:
                self.errors[f"{what}: {error}"] += 1

    @property
    def count(self) -> int:
        return sum(map(len, self.seconds.values()))


class Person:
    """One browser. `ask` makes one request of the mix."""

    def __init__(self, scene: Scene, seed: int, thinking: float = 0) -> None:
        """`thinking`: seconds between two requests, by chance from half to one and a half."""
        self.browser = Browser(scene.house.url)
        self.browser.sign_in(_account(scene, seed))
        self.thinking = thinking
        self._random = Random(seed)
        self._project = scene.project
        self._contracts = scene.contracts(1000)
        rows = scene.records.all(
            "SELECT invoice.id FROM invoice JOIN contract ON contract.id = contract_id"
            " WHERE project_id = ?", scene.project,
        )  # fmt: skip
        self._invoices = [int(row["id"]) for row in rows]
        self._records = scene.records
        self._asks: list[tuple[int, str, Callable[[], httpx.Response]]] = [
            (1, "projects", lambda: self._get("/projects")),
            (3, "invoicing tab", lambda: self._get(f"{self._at}/invoicing")),
            (5, "tick and preflight", self._tick),
            (4, "invoice", lambda: self._get(f"{self._at}/invoices/{self._one(self._invoices)}")),
            (2, "list of backups", lambda: self._get(f"{self._at}/backups")),
            (6, "poll a compile", self._poll),
            (2, "download a piece", self._piece),
            (1, "health", lambda: self._get("/health/ready")),
        ]
        self._weights = [weight for weight, _, _ in self._asks]

    @property
    def _at(self) -> str:
        return f"/projects/{self._project}"

    def _one(self, ids: list[int]) -> int:
        return self._random.choice(ids)

    def _get(self, path: str, **headers: str) -> httpx.Response:
        return self.browser.get(path, **headers)

    def _tick(self) -> httpx.Response:
        chosen = self._random.sample(self._contracts, min(4, len(self._contracts)))
        return self.browser.click(f"{self._at}/invoicing/preflight", contract=chosen)

    def _backup(self, status: str) -> int:
        rows = self._records.all("SELECT id FROM backup WHERE status = ? ORDER BY id DESC", status)
        return int(rows[0]["id"]) if rows else 0

    def _poll(self) -> httpx.Response:
        backup = self._backup("running") or self._backup("done")
        return self._get(f"{self._at}/backups/{backup}", **{"HX-Request": "true"})

    def _piece(self) -> httpx.Response:
        start = self._random.randrange(100_000)
        piece = {"Range": f"bytes={start}-{start + 65_535}"}
        return self._get(f"{self._at}/backups/{self._backup('done')}/file", **piece)

    def think(self) -> None:
        time.sleep(self.thinking * self._random.uniform(0.5, 1.5))

    def ask(self, answers: Answers) -> None:
        [(_, what, act)] = self._random.choices(self._asks, self._weights)
        began = time.perf_counter()
        try:
            answer = act()
            answer.read()
            error = "" if answer.status_code < 400 else f"status {answer.status_code}"
        except httpx.HTTPError as e:
            error = type(e).__name__
        answers.note(what, time.perf_counter() - began, error)


def _account(scene: Scene, number: int) -> str:
    """A colleague of Alice's with her password and rights: nobody has fifty sessions."""
    email = f"person{number}@example.org"
    [alice] = scene.records.all('SELECT * FROM "user" WHERE email = ?', EMAIL)
    row = {**alice, "email": email, "name": f"Person {number}"}
    row.pop("id")
    places = ", ".join("?" * len(row))
    scene.records.execute(f'INSERT INTO "user" ({", ".join(row)}) VALUES ({places})', *row.values())
    return email


def work_together(people: list[Person], requests: int, until: float, answers: Answers) -> None:
    """All at once and without a pause, until `requests` are made or the time is over."""

    def go(person: Person) -> None:
        while answers.count < requests and time.monotonic() < until:
            person.ask(answers)
            person.think()

    threads = [threading.Thread(target=go, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def memory(house: Installation) -> dict[str, float]:
    """Megabytes of the product's lasting processes by name (their own share of what is shared)."""
    found: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for pid, name in house.all().items():
        if name in {"horse", "workshop", "other"}:
            continue
        numbers[name] += 1
        found[f"{name} {numbers[name]}" if name in {"worker", "chores"} else name] += _pss(pid)
    return {name: round(kilobytes * 1024 / 1e6, 1) for name, kilobytes in sorted(found.items())}


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
