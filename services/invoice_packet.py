"""One invoice with its attachments as one PDF: a plain merge, made while somebody waits for it."""

from datetime import datetime
from pathlib import Path

from binder.assemble import assemble
from binder.recipe import Recipe
from models import Backup, Invoice, User
from services import files, objects, storage
from services.backups.freezing import freeze
from services.backups.frozen import FrozenRequest
from services.backups.planning import plan_of


def frozen(invoice: Invoice, user: User) -> FrozenRequest:
    """What the invoice holds now."""
    return freeze(invoice.contract.project, [invoice.id], user, Recipe.plain())


def missing_files(packet: FrozenRequest) -> list[str]:
    """Digests of the files that have to be looked into first."""
    return list(files.waiting(packet.sha256s))


def is_drawn(packet: FrozenRequest) -> bool:
    """Whether the invoice's own pages are there; a signed copy needs none."""
    keys = [invoice.content_key for invoice in packet.invoices if invoice.content_key]
    return not objects.lacking([storage.drawn(key) for key in keys])


def write(packet: FrozenRequest, now: datetime, folder: Path) -> Path:
    """Merge what is prepared into a PDF in the empty `folder`; returns its path.

    Takes as long as copying the bytes. Raises `CannotCompile` for a file that cannot go in, and
    BinderError for one that does not hold what was found when it was looked into.
    """
    out = folder / "invoice.pdf"
    # The plan asks a backup for its number and moment only; this one is never stored.
    plan = plan_of(Backup(number=1, requested_at=now), packet, folder)
    assemble(plan, out, work=folder, progress=lambda _: None, cancelled=lambda: False)
    return out
