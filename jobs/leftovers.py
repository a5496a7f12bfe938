"""A chore of the worker: what killed processes left on the disk."""

from models import utcnow
from services import leftovers


def sweep() -> None:
    leftovers.sweep(utcnow())
