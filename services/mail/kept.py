"""The folder in which mails lie where no mail server is set."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

from flask_mail import Message

from models import utcnow
from services import objects, storage


def keep(message: Message) -> None:
    """Put it into the outbox; its name begins with the moment."""
    at = utcnow()
    message.date = at.timestamp()
    name = f"{at:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}.eml"
    path = storage.outbox() / name
    storage.write_atomically(path, message.as_bytes())
    objects.put(path)


def outbox() -> list[Path]:
    """The mails that were written instead of sent, newest first."""
    folder = storage.outbox()
    names = {path.name for path in folder.glob("*.eml")}
    names |= {each.name.rpartition("/")[2] for each in objects.below(folder)}
    return [folder / name for name in sorted(names, reverse=True)]


def read(name: str) -> EmailMessage | None:
    """The mail of that name in the outbox."""
    if path := next((path for path in outbox() if path.name == name), None):
        return message_from_bytes(objects.bring(path).read_bytes(), policy=policy.default)
    return None
