"""Drawing invoices ahead, so that a compile finds them drawn."""

from jobs import enqueue
from services import drawings

#: Seconds; a thousand lines take a few.
TIMEOUT = 300


def enqueue_draw(invoice_id: int) -> bool:
    """Call it after an invoice changed; False when the queue cannot be reached (a compile draws
    what is missing)."""
    return enqueue("files", draw, invoice_id, timeout=TIMEOUT)


def draw(invoice_id: int) -> None:
    drawings.draw(invoice_id)
