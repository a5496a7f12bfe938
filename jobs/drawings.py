"""Drawing invoices ahead, so that a compile finds them drawn."""

from collections.abc import Sequence

from jobs import enqueue
from services import drawings

#: Seconds; a thousand lines take a few.
TIMEOUT = 300
#: Invoices in one job of many: few enough for its time, and for others to get their turn.
BATCH = 25


def enqueue_draw(invoice_id: int) -> bool:
    """Call it after an invoice changed; False when the queue cannot be reached (a compile draws
    what is missing)."""
    return enqueue("files", draw, invoice_id, timeout=TIMEOUT)


def enqueue_draws(invoice_ids: Sequence[int]) -> bool:
    """The same for many, in few jobs."""
    batches = (invoice_ids[n : n + BATCH] for n in range(0, len(invoice_ids), BATCH))
    # Stops at the first that cannot be queued: the others cannot be either.
    return all(enqueue("files", draw_many, *batch, timeout=TIMEOUT) for batch in batches)


def draw(invoice_id: int) -> None:
    drawings.draw(invoice_id)


def draw_many(*invoice_ids: int) -> None:
    drawings.ensure_drawn(invoice_ids)
