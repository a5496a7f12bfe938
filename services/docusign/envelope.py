"""An envelope as DocuSign's REST API v2.1 wants it."""

from base64 import b64encode
from typing import Any

from binder.render.anchors import DATE, NAME, SIGNATURE, TITLE
from services.signing.provider import Asked

#: The longest subject and name that DocuSign takes.
_SUBJECT, _NAME = 100, 100
_EVENTS = ("sent", "delivered", "completed", "declined", "voided")


def definition(asked: Asked) -> dict[str, Any]:
    """A draft with one document and one signer, whose tabs stand on the anchors of the drawing."""
    signer = {
        "recipientId": "1",
        "routingOrder": "1",
        "name": asked.signer_name[:_NAME],
        "email": asked.signer_email,
        "tabs": {
            "signHereTabs": [_tab(SIGNATURE, up=14)],
            "fullNameTabs": [_tab(NAME)],
            "titleTabs": [{**_tab(TITLE), "required": "false"}],
            "dateSignedTabs": [_tab(DATE)],
        },
    }
    envelope: dict[str, Any] = {
        "status": "created",
        "transactionId": asked.transaction_id,
        "emailSubject": _shortened(asked.subject),
        "documents": [
            {
                "documentId": "1",
                "name": asked.name,
                "fileExtension": "pdf",
                "documentBase64": b64encode(asked.document).decode(),
            }
        ],
        "recipients": {"signers": [signer]},
    }
    if asked.notify_url:
        envelope["eventNotification"] = _notification(asked.notify_url)
    return envelope


def _tab(anchor: str, up: int = 3) -> dict[str, str]:
    return {
        "anchorString": anchor,
        "anchorUnits": "pixels",
        "anchorXOffset": "0",
        "anchorYOffset": str(-up),
        # Without its anchor an envelope must fail, not go out with the tab on the page's corner.
        "anchorIgnoreIfNotPresent": "false",
        "fontSize": "size9",
    }


def _notification(url: str) -> dict[str, Any]:
    return {
        "url": url,
        "requireAcknowledgment": "true",
        "loggingEnabled": "true",
        "deliveryMode": "SIM",
        "includeHMAC": "true",
        "events": [f"envelope-{event}" for event in _EVENTS],
        "eventData": {"version": "restv2.1", "format": "json", "includeData": ["recipients"]},
    }


def _shortened(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT else subject[: _SUBJECT - 1] + "…"
