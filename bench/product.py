"""Everything the bench asks of the product, by its public functions only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.place import Clock, TaskFailed, peak_mb
from bench.sets import Corpus, SetFile
from binder.assemble import Progress, assemble
from binder.fragments import fragment_path
from binder.intake import make_fragment
from binder.plan import Contract, Document, EntryKind, Invoice, Plan

#: The step of `assemble` at which the file is linked, on disk, and about to be opened again.
_CHECKING = "Checking the file"


@dataclass(frozen=True, slots=True)
class Assembled:
    """One `assemble` with everything prepared: seconds until the file was linked, then until it was
    verified and in its place; processor seconds and peak memory of the process up to the link."""

    link_seconds: float
    verify_seconds: float
    link_cpu_seconds: float
    link_peak_mb: float
    pages: int
    bytes: int


def assembled(corpus: Corpus, files: Sequence[SetFile], work: Path, out: Path) -> Assembled:
    """Compile `files` into `out`; `work` holds their fragments, or TaskFailed is raised."""
    plan = _plan(corpus, files)
    linked: list[tuple[float, float, float]] = []

    def note(progress: Progress) -> None:
        if progress.step.startswith("Preparing"):
            raise TaskFailed(f"a fragment is missing: {progress.step}")
        if progress.step == _CHECKING:
            linked.append((clock.wall(), clock.cpu(), peak_mb()))

    clock = Clock()
    manifest = assemble(plan, out, work=work, progress=note, cancelled=lambda: False)
    whole = clock.wall()
    if not linked:
        raise TaskFailed(f"assemble() no longer tells of its step “{_CHECKING}”")
    wall, cpu, peak = linked[0]
    return Assembled(wall, whole - wall, cpu, peak, manifest.pages, manifest.bytes)


def prepare(path: Path, file: SetFile, work: Path) -> None:
    """Intake of one file of the set at `path`: its fragment goes where `assembled` looks for it.

    Raises TaskFailed when the file is refused or its pages are counted wrongly.
    """
    dest = fragment_path(work, file.sha256)
    dest.parent.mkdir(parents=True, exist_ok=True)
    intake(path, dest, file.pages)


def intake(path: Path, dest: Path, pages: int) -> None:
    """Fragment and facts of the file at `path`, in a confined child as in the product."""
    facts = make_fragment(path, path.name, dest)
    if facts.problem is not None or facts.pages != pages:
        raise TaskFailed(f"{path} has {facts.pages} pages instead of {pages}. {facts.sentence}")


def _plan(corpus: Corpus, files: Sequence[SetFile]) -> Plan:
    contracts: dict[str, Contract] = {}
    invoices: dict[tuple[str, int], Invoice] = {}
    documents = []
    for file in files:
        contract = contracts.setdefault(
            file.contract, Contract(file.contract, "Site work", f"Company of {file.contract}")
        )
        key = file.contract, file.position
        invoice = invoices.setdefault(key, _invoice(contract, file.position))
        documents.append(_document(corpus, file, invoice))
    return Plan(
        title="Subcontractor invoice backup",
        project_name="Measured project",
        project_number="24-017",
        number=1,
        requested_by="Dana Reyes",
        requested_at=datetime(2026, 8, 31, 14, 5, 9, tzinfo=UTC),
        documents=tuple(documents),
    )


def _invoice(contract: Contract, position: int) -> Invoice:
    return Invoice(
        contract=contract,
        position=position,
        number=f"INV-{position}",
        period="Aug 1 – Aug 31, 2026",
        status="Approved",
        signed="Unsigned",
        gross_this_period=10_000_00,
        total_retainage=1_000_00,
        payment_due=9_000_00,
    )


def _document(corpus: Corpus, file: SetFile, invoice: Invoice) -> Document:
    is_invoice = file.kind == "invoice"
    return Document(
        invoice=invoice,
        kind=EntryKind.INVOICE if is_invoice else EntryKind.ATTACHMENT,
        name="Invoice" if is_invoice else file.path.rpartition("/")[2],
        path=corpus.path(file),
        sha256=file.sha256,
        pages=file.pages,
    )
