"""What a backup needs prepared before it is linked: divided among workers, or done on the spot."""

import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from binder.errors import BinderError
from models import Backup, BackupStatus, db, reading
from services import drawings, files, objects, storage
from services.backups.frozen import FrozenInvoice, FrozenRequest
from services.errors import AppError

log = logging.getLogger(__name__)

#: Bytes of files in one batch: about a second of work, so that workers end at the same time.
_BATCH_BYTES = 16 << 20
#: More batches than this cost more than they divide.
_MOST_BATCHES = 64
#: What the smallest file and a drawing cost, in bytes of a large file.
_SMALLEST = 256 << 10
_DRAWING = 2 << 20
#: Seconds between two changes of the progress that people see.
_INTERVAL = 1.0


@dataclass(slots=True)
class Batch:
    """Documents that one job prepares: digests of files, and ids of invoices with their content
    keys."""

    sha256s: list[str] = field(default_factory=list)
    invoices: dict[int, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sha256s) + len(self.invoices)


def batches_of(backup_id: int) -> list[Batch]:
    """What is missing for a queued backup, divided; nothing where all is there or nobody waits."""
    with reading():
        backup = db.session.get(Backup, backup_id)
        if backup is None or backup.status != BackupStatus.QUEUED:
            return []
        frozen = FrozenRequest.from_json(backup.request)
    return divided(files.waiting(frozen.sha256s), undrawn(frozen))


def undrawn(frozen: FrozenRequest) -> list[FrozenInvoice]:
    """The invoices that go in as drawings which are not there."""
    drawn = [invoice for invoice in frozen.invoices if invoice.content_key]
    lacking = objects.lacking([storage.drawn(invoice.content_key) for invoice in drawn])
    return [invoice for invoice in drawn if storage.drawn(invoice.content_key) in lacking]


def divided(sizes: Mapping[str, int], invoices: Collection[FrozenInvoice]) -> list[Batch]:
    """Files, by their digests with their bytes, and invoices to draw."""
    costs: list[tuple[int, str | FrozenInvoice]] = [
        (max(size, _SMALLEST), sha256) for sha256, size in sizes.items()
    ]
    costs += [(_DRAWING, invoice) for invoice in invoices]
    return list(_divided(costs))


def _divided(costs: list[tuple[int, str | FrozenInvoice]]) -> Iterator[Batch]:
    most = max(_BATCH_BYTES, sum(cost for cost, _ in costs) // _MOST_BATCHES)
    batch, spent = Batch(), 0
    for cost, item in costs:
        if batch and spent + cost > most:
            yield batch
            batch, spent = Batch(), 0
        if isinstance(item, str):
            batch.sha256s.append(item)
        else:
            batch.invoices[item.id] = item.content_key
        spent += cost
    if batch:
        yield batch


def prepare(backup_id: int, batch: Batch) -> None:
    """Prepare the batch and count its documents on the row; ends early when the backup does not
    wait any more.

    What cannot be prepared is left to the compile, which tells people why.
    """
    count, noted = 0, time.monotonic()
    for prepare_one in _steps(batch):
        if time.monotonic() - noted >= _INTERVAL or count == 0:
            if not Backup.note_prepared(backup_id, count):
                return
            count, noted = 0, time.monotonic()
        _attempt(prepare_one)
        count += 1
    Backup.note_prepared(backup_id, count)


def prepare_ahead(batch: Batch) -> None:
    """Prepare the batch for a backup that nobody has asked for yet."""
    for prepare_one in _steps(batch):
        _attempt(prepare_one)


def _attempt(prepare_one: Callable[[], object]) -> None:
    try:
        prepare_one()
    except (AppError, BinderError) as e:
        log.info("left to the compile: %s", e)


def _steps(batch: Batch) -> Iterator[Callable[[], object]]:
    for sha256 in batch.sha256s:
        yield partial(files.inspect, sha256)
    for invoice_id, content_key in batch.invoices.items():
        yield partial(_draw, invoice_id, content_key)


def _draw(invoice_id: int, content_key: str) -> None:
    drawings.draw(invoice_id)
    drawings.prepare(content_key)
