"""Calls from outside: DocuSign Connect tells what became of envelopes."""

import base64
import hashlib
import hmac
import json
import logging
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from extensions import csrf
from jobs.signing import enqueue_fetch
from models import reading, utcnow, writing
from services import vault
from services.signing import accounts, hearing
from services.signing.provider import Report

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

#: Bytes of one call. Ours are asked for without documents, so they have a few thousand.
LARGEST = 2 * 1024 * 1024
#: DocuSign signs with each active key, under a header of its own.
_HEADER, _HEADERS = "X-DocuSign-Signature-", 100

log = logging.getLogger(__name__)


@bp.post("/docusign")
@csrf.exempt
def docusign() -> ResponseReturnValue:
    """News of one envelope. Every genuine call is answered alike, known envelope or not."""
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    if not _is_genuine(body):
        abort(401)
    report = _report(body)
    if report is not None:
        with writing():
            row = hearing.heard(report, utcnow())
        if row is not None and report.state == "completed":
            enqueue_fetch(row)
    return "", 204


def _is_genuine(body: bytes) -> bool:
    """Whether any of our keys made any of the signatures, compared in constant time."""
    with reading():
        try:
            secrets = accounts.connect_secrets()
        except vault.VaultClosed:
            log.exception("the Connect keys cannot be read")
            return False
    given = [
        value
        for number in range(1, _HEADERS + 1)
        if (value := request.headers.get(f"{_HEADER}{number}"))
    ]
    found = False
    for secret in secrets:
        made = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        for value in given:
            found |= hmac.compare_digest(made, value.encode("utf-8", "replace"))
    return found


def _report(body: bytes) -> Report | None:
    """What a call says, in the JSON of Connect's single messages; None for any other."""
    try:
        call = json.loads(body)
    except (ValueError, RecursionError):
        return None
    data = _object(call, "data")
    summary = _object(data, "envelopeSummary")
    envelope, event = _text(data.get("envelopeId")), _text(_object(call).get("event"))
    if not envelope or not event:
        return None
    # Two words of one call may differ where it was late; the event is what it is about.
    state = event.removeprefix("envelope-").lower()
    return Report(envelope, state, reason=_text(summary.get("voidedReason"))[:1000])


def _text(value: Any) -> str:
    """Text that a database takes; "" for anything else. JSON may hold half of a character."""
    return (
        value.replace("\0", "").encode(errors="replace").decode() if isinstance(value, str) else ""
    )


def _object(value: Any, name: str | None = None) -> dict[str, Any]:
    """The object, or the one under this name in it; {} where there is none."""
    found = value if isinstance(value, dict) else {}
    return found if name is None else _object(found.get(name))
