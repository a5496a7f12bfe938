"""Log lines: which request or job each belongs to, how it looks, and what must not stand in it."""

import json
import logging
import re
import secrets
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

#: Request ids that another program may give: nothing that could end a line or fill a disk.
SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
#: Addresses that open something, by what stands before their token. A test compares this with the
#: URL map.
TOKEN_PLACES = ("b", "u", "invitation", "password-reset", "sign-in/link")
_SECRETS = (
    (re.compile(rf"(/(?:{'|'.join(TOKEN_PLACES)})/)[^\s/?#\"'<>\[\])]+"), r"\1…"),
    (re.compile(r"(?i)\b((?:key|token|password|signature|nonce)=)[^\s&#\"'<>\])]+"), r"\1…"),
    # What a sign-in provider hands over.
    (re.compile(r"([?&](?:code|state)=)[^\s&#\"'<>\])]+"), r"\1…"),
    (re.compile(r"(?i)\b(bearer\s+)[^\s\"',)]+"), r"\1…"),
    (re.compile(r"\b(drawpack_)[A-Za-z0-9_-]{20,}"), r"\1…"),
    # redis://user:password@host, postgresql://…
    (re.compile(r"(://[^\s:/@]*:)[^\s@/]+@"), r"\1…@"),
)
_FACTS = "facts"

_following: ContextVar[Mapping[str, str] | None] = ContextVar("following", default=None)


def fresh() -> str:
    """A new id of a request: 16 letters and digits, for people to read out."""
    return secrets.token_hex(8)


def follow(request_id: str, **about: str) -> None:
    """From here on, log lines of this thread or process belong to that request; `about` says more,
    such as the job."""
    _following.set({"request": request_id, **about})


def unfollow() -> None:
    _following.set(None)


def request_id() -> str:
    """The id of the request that is answered, or that a job works for; "" outside both."""
    return (_following.get() or {}).get("request", "")


def event(name: str, message: str, *, level: int = logging.INFO, **facts: object) -> None:
    """One line in the log about something that happened, with its facts by name."""
    logging.getLogger(f"drawpack.{name}").log(level, message, extra={_FACTS: facts})


def masked(text: str) -> str:
    """Without what opens something: tokens in addresses, keys in queries, passwords in URLs."""
    for pattern, shown in _SECRETS:
        text = pattern.sub(shown, text)
    return text


class TextLines(logging.Formatter):
    """For people: time, level, who says it, what, and the facts as `name=value`. A traceback
    follows on indented lines."""

    def format(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={_plain(value)}" for name, value in _facts(record).items())
        line = " ".join(
            filter(
                None,
                [_time(record), record.levelname, record.name, _plain(record.getMessage()), facts],
            )
        )
        trace = _trace(self, record)
        lines = [line, *(f"    {_printable(each)}" for each in trace.splitlines())]
        return masked("\n".join(lines))


class JsonLines(logging.Formatter):
    """For programs: one JSON object on one line, whatever happened."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
            **{name: _masked_value(value) for name, value in _facts(record).items()},
        }
        if trace := _trace(self, record):
            said["traceback"] = masked(trace)
        return json.dumps(said, ensure_ascii=False, default=str)


FORMATS: dict[str, type[logging.Formatter]] = {"text": TextLines, "json": JsonLines}


class _Terminal(logging.StreamHandler[Any]):
    """Whatever is standard error at that moment; the supervisor lays it into a file."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


_handler = _Terminal()


def set_up(form: str) -> None:
    """Have all lines of this process written so. Harmless if done again.

    Warnings and worse of everything, and all events of ours.
    """
    _handler.setFormatter(FORMATS[form]())
    root = logging.getLogger()
    if _handler not in root.handlers:
        root.addHandler(_handler)
    logging.getLogger("drawpack").setLevel(logging.INFO)


def _facts(record: logging.LogRecord) -> dict[str, object]:
    return {**getattr(record, _FACTS, {}), **(_following.get() or {})}


def _time(record: logging.LogRecord) -> str:
    at = datetime.fromtimestamp(record.created, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""


def _plain(value: object) -> str:
    """On one line, whatever it holds: a name with a line break must not forge a line."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in str(value))


def _printable(line: str) -> str:
    return _plain(line.replace("\t", "    "))


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _masked_value(value: object) -> object:
    return masked(value) if isinstance(value, str) else value
