"""Which attachments of an invoice go into a backup, in which order, and why others stay out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from flask_babel import gettext

from binder.facts import Problem
from binder.recipe import Recipe
from binder.sentences import sentence
from models import Attachment, StoredFile, db
from services.backups.frozen import FrozenFile
from services.checklist_items import Item, State

CHOSEN = "Left out of backups by a decision of this project’s team."

#: The attachments of an invoice with their files, in their own order.
Attached = Sequence[tuple[Attachment, StoredFile]]


def attachments_of(invoice_ids: set[int]) -> dict[int, list[tuple[Attachment, StoredFile]]]:
    """By invoice, in one statement."""
    rows = db.session.execute(
        sa.select(Attachment, StoredFile)
        .join(StoredFile, StoredFile.sha256 == Attachment.sha256)
        .where(Attachment.invoice_id.in_(invoice_ids))
        .order_by(Attachment.invoice_id, Attachment.position, Attachment.id)
    )
    found: dict[int, list[tuple[Attachment, StoredFile]]] = defaultdict(list)
    for attachment, file in rows:
        found[attachment.invoice_id].append((attachment, file))
    return found


def attached(
    rows: Attached, recipe: Recipe, names: Mapping[str, str]
) -> tuple[tuple[FrozenFile, ...], tuple[FrozenFile, ...]]:
    """What goes in, in order, and what stays out. `names` are those of the document types by
    code."""
    going_in: list[FrozenFile] = []
    left_out: list[FrozenFile] = []
    for attachment, file in rows:
        reason = _reason(attachment, file, recipe, names)
        frozen = FrozenFile(
            attachment.name, attachment.sha256, reason, document_type=attachment.document_type
        )
        (left_out if reason else going_in).append(frozen)
    # Sorting is stable: attachments of one type stay in the order of the invoice.
    going_in.sort(key=lambda file: recipe.place_of(file.document_type))
    return tuple(going_in), tuple(left_out)


def without(required: Iterable[Item]) -> Iterator[FrozenFile]:
    """The documents that an invoice does without by somebody's decision, as the receipt lists
    what is not there."""
    for item in required:
        if item.state == State.EXEMPT:
            who = f" ({item.decided_by})" if item.decided_by else ""
            yield FrozenFile(item.title, "", f"Not required for this invoice: {item.reason}{who}")


def _reason(
    attachment: Attachment, file: StoredFile, recipe: Recipe, names: Mapping[str, str]
) -> str:
    """Why it stays out, in the words of the project, for it is printed; "" for one that goes
    in."""
    code = attachment.document_type
    if attachment.is_left_out:
        if not file.problem or not file.facts:
            return CHOSEN
        return sentence(Problem(file.problem), attachment.name, file.facts["media_type"], gettext)
    if code in recipe.left_out_types:
        name = names.get(code, code)
        guessed = "" if attachment.is_type_confirmed or code == "backup" else " (type guessed)"
        return f"Left out by the recipe: {name}{guessed}."
    return ""
