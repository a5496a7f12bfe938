"""An installation with something in it: the demo project, generated scans, and recipients."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random

import httpx

from bench.breaking import records
from bench.breaking.browser import EXAMPLE, RECIPIENTS, Browser, fresh
from bench.breaking.installation import Installation, TooSlow, wait_for
from bench.breaking.invariants import Invariants
from bench.breaking.mailbox import Mailbox
from bench.corpus import ensure
from demo import NUMBER

#: Scans that are attached to begin with; each takes intake some tenths of a second.
_SCANS = 12


class Scene:
    """Everything that a fault needs at hand."""

    def __init__(
        self, data: Path, sets: Path, seed: int, *, is_small: bool = False, **settings: str
    ) -> None:
        """A small one has the example project of the documentation, which comes in seconds."""
        self.data = data
        self.number = "EX-0" if is_small else NUMBER
        settings = {"DRAWPACK_LOAD_DEMO": "no" if is_small else "yes", **settings}
        self.random = Random(seed)
        self.mailbox = Mailbox()
        self.mailbox.open()
        self.house = Installation(data, self.mailbox.port, **settings)
        self.browser = Browser(self.house.url)
        self.records = records.of(self.house)
        self.invariants = Invariants(data, self.mailbox)
        self._scans = [path.read_bytes() for path in _scans(sets, is_small=is_small)]

    def furnish(self) -> None:
        """Start it, load the demo, become its administrator, attach scans, name recipients."""
        self.house.start()
        self.browser.set_up(self.data)
        if self.number != NUMBER:
            self.bring(self.number)
            self.records.wait_until_quiet(600)
        recipients = f"/projects/{self.project}/delivery/recipients"
        self.records.execute(
            "INSERT INTO delivery_plan (project_id, subject, message, link_days, is_public)"
            " VALUES (?, 'Draw {backup}', 'Here it is.', 30, 1)", self.project,
        )  # fmt: skip
        for address in RECIPIENTS:
            self.browser.post(recipients, email=address, name="")
        self.attach(_SCANS if self.number == NUMBER else 2)
        self.records.wait_until_quiet(600)

    @property
    def project(self) -> int:
        return int(self.records.one("SELECT id FROM project WHERE number = ?", self.number))

    def contracts(self, count: int) -> list[int]:
        """Some contracts of the demo that can be compiled, by chance."""
        rows = self.records.all(
            "SELECT id FROM contract WHERE project_id = ?"
            " AND id IN (SELECT contract_id FROM invoice)"
            # What preflight forbids: the demo has files that nobody can read.
            " AND id NOT IN (SELECT contract_id FROM invoice JOIN attachment ON"
            " invoice.id = invoice_id JOIN stored_file USING (sha256)"
            " WHERE problem IS NOT NULL AND problem <> 'not_pdf') ORDER BY 1", self.project,
        )  # fmt: skip
        ids = [int(row["id"]) for row in rows]
        return sorted(self.random.sample(ids, min(count, len(ids))))

    def attach(self, count: int) -> None:
        """Upload that many scans that nobody has looked into, to one invoice."""
        invoices = self.records.all(
            "SELECT invoice.id FROM invoice JOIN contract ON contract.id = contract_id"
            " WHERE project_id = ?", self.project,
        )  # fmt: skip
        chosen = self.random.choice(invoices)["id"]
        files = [
            (f"scan {self.random.randrange(10**9)}.pdf", fresh(content, self.random))
            for content in (self.random.choice(self._scans) for _ in range(count))
        ]
        self.browser.upload(self.project, chosen, files)

    def compile(self, count: int, **form: str) -> int | None:
        """Ask for a backup of that many contracts; its id, or None where nothing was stored."""
        for _ in range(5):
            answer = self.browser.compile(self.project, self.contracts(count), **form)
            found = answer.headers.get("location", "").rstrip("/").rpartition("/backups/")[2]
            if found.isdigit():
                return int(found)
        return None

    def forget_prepared(self) -> None:
        """Make the next compile prepare and draw everything, as after an update."""
        for name in ("prepared", "drawn"):
            shutil.rmtree(self.data / name, ignore_errors=True)

    def bring(self, number: str = "") -> None:
        """Upload a project and confirm it once it is checked."""
        chosen = number or f"EX-{self.random.randrange(10**12)}"
        job = self.browser.bring(chosen).headers["location"].rpartition("/")[2]
        status = "SELECT status FROM import_job WHERE id = ?"
        wait_for(lambda: self.records.one(status, job) not in {"uploaded", "checking"}, "the check")
        if self.records.one(status, job) == "ready":
            self.browser.post(f"/projects/import/{job}/confirm")

    def bring_up(self) -> None:
        """Have everything run again that runs by itself, and start the rest."""
        if not self.house.is_up():
            self.house.stop()
            self.house.start()
        wait_for(self._is_well, "the web server")

    def is_signed_in(self) -> bool:
        return self.browser.http.get("/projects").status_code == httpx.codes.OK

    def _is_well(self) -> bool:
        if not self.house.is_up():
            self.house.stop()
            self.house.start()
        try:
            return self.browser.get("/health/ready").status_code == httpx.codes.OK
        except httpx.HTTPError:
            time.sleep(0.1)
            return False

    def settle(self) -> list[str]:
        """Wait until all is quiet; what is broken then."""
        self.bring_up()
        self.records.wait_until_quiet()
        return self.invariants.broken()

    def unlisted(self) -> list[str]:
        """What is wrong where Redis does not come to know all workers that run: pages would say
        that there is none."""

        def are_listed() -> bool:
            with self.house.redis() as redis:
                keys = redis.smembers("rq:workers")
                listed = {int(redis.hget(key, "pid") or 0) for key in keys}
            return set(self.house.called("worker")) <= listed

        try:
            wait_for(are_listed, "each worker’s name on the list", 60)
        except TooSlow as e:
            return [str(e)]
        return []

    def close(self) -> None:
        self.invariants.close()
        self.browser.http.close()
        self.house.stop()
        self.mailbox.close()

    def move_in(self, template: Path) -> None:
        """Start on a copy of data that was furnished before."""
        shutil.copytree(template, self.data, ignore=shutil.ignore_patterns("*.sock"))
        self.house.start()
        self.browser.sign_in()


def _scans(sets: Path, *, is_small: bool) -> list[Path]:
    if is_small:
        return sorted(EXAMPLE.rglob("*.pdf"))
    corpus = ensure("tiny", sets)
    return [corpus.path(file) for file in corpus.files]


def make_template(template: Path, sets: Path, *, is_small: bool = False) -> None:
    """Furnish once: it takes longer than most faults."""
    with furnished(template, sets, 1, is_small=is_small):
        pass


@contextmanager
def furnished(
    data: Path,
    sets: Path,
    seed: int,
    template: Path | None = None,
    *,
    is_small: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Scene]:
    scene = Scene(data, sets, seed, is_small=is_small, **(settings or {}))
    try:
        scene.move_in(template) if template else scene.furnish()
        yield scene
    finally:
        scene.close()
