"""Flask-Mail with what it lacks: a verified certificate, time-outs, and a word for not knowing."""

import smtplib
import ssl
from contextlib import suppress
from typing import Any

from flask import current_app
from flask_mail import Connection, Mail

#: Seconds for the answer to a mail that was handed over whole. Servers look for spam before they
#: give it, and who does not wait has the mail delivered twice (RFC 5321, 4.5.3.2.6).
ANSWER_PATIENCE = 120


class Unanswered(smtplib.SMTPException):
    """The server got the whole mail and was not heard of again: nobody knows whether it left."""


class _Sender(smtplib.SMTP):
    """Tells a mail that certainly did not leave from one that perhaps did."""

    _answers: int | None = None

    def data(self, msg: Any) -> tuple[int, bytes]:
        assert self.sock is not None
        self.sock.settimeout(max(ANSWER_PATIENCE, self.timeout))
        self._answers = 0
        try:
            return super().data(msg)
        except (smtplib.SMTPServerDisconnected, OSError) as e:
            # The first answer asks for the mail, the second is for the mail itself.
            if self._answers == 0 or isinstance(e, smtplib.SMTPResponseException):
                raise
            raise Unanswered(str(e)) from e
        finally:
            self._answers = None
            if self.sock:
                self.sock.settimeout(self.timeout)

    def getreply(self) -> tuple[int, bytes]:
        answer = super().getreply()
        if self._answers is not None:
            self._answers += 1
        return answer


class _SenderOverTls(_Sender, smtplib.SMTP_SSL):
    """The same where TLS begins with the first byte."""


class VerifiedConnection(Connection):
    """Refuses a server whose certificate does not verify, and one that does not answer."""

    def configure_host(self) -> smtplib.SMTP:
        timeout = current_app.config["MAIL_TIMEOUT"]
        context = ssl.create_default_context(cafile=current_app.config["MAIL_CA_FILE"])
        host: smtplib.SMTP
        if self.mail.use_ssl:
            host = _SenderOverTls(
                self.mail.server, self.mail.port, timeout=timeout, context=context
            )
        else:
            host = _Sender(self.mail.server, self.mail.port, timeout=timeout)
        try:
            if self.mail.use_tls:
                host.starttls(context=context)
            if self.mail.username and self.mail.password:
                host.login(self.mail.username, self.mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def __exit__(self, *_: object) -> None:
        """Part politely. What became of the mail was said before: a server that hangs up now must
        not make it look refused."""
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()


class VerifiedMail(Mail):
    """Flask-Mail whose connections are verified."""

    def connect(self) -> VerifiedConnection:
        return VerifiedConnection(current_app.extensions["mail"])
