"""A mail server that keeps what it gets, and can be slow or refuse."""

import asyncio
import re
from collections import Counter
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.controller import Controller

from bench.breaking.installation import free_port


class Mailbox:
    def __init__(self) -> None:
        self.port = free_port()
        #: How often each (recipient, backup) got a mail.
        self.got: Counter[tuple[str, str]] = Counter()
        #: Seconds before it takes a mail, and its answer to RCPT where that is a refusal.
        self.pause = 0.0
        self.refusal = ""
        self._controller: Controller | None = None

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(  # noqa: N802 - the names of aiosmtpd
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content, policy=policy.default)
        body = message.get_body(("plain",))
        # A link that anyone may open does not name the backup; the subject of the scene does, also
        # behind “Updated: ”.
        text = f"{message['Subject']}\n{body.get_content() if body else ''}"
        about = re.search(r"(?:\bDraw |/backups/)(\d+)", text)
        # Counted before the answer: who hangs up while he waits has sent it all the same.
        for address in envelope.rcpt_tos:
            self.got[address, about[1] if about else str(message["Subject"])] += 1
        await asyncio.sleep(self.pause)
        return "250 OK"

    def twice(self) -> list[str]:
        """What somebody got more than once."""
        return [f"{to} got {count} mails of {what}" for (to, what), count in self.got.items()
                if count > 1]  # fmt: skip
