"""Flask-Mail with what it lacks: a verified certificate and a time-out."""

import smtplib
import ssl

from flask import current_app
from flask_mail import Connection, Mail


class VerifiedConnection(Connection):
    """Refuses a server whose certificate does not verify, and one that does not answer."""

    def configure_host(self) -> smtplib.SMTP:
        timeout = current_app.config["MAIL_TIMEOUT"]
        context = ssl.create_default_context(cafile=current_app.config["MAIL_CA_FILE"])
        host: smtplib.SMTP
        if self.mail.use_ssl:
            host = smtplib.SMTP_SSL(
                self.mail.server, self.mail.port, timeout=timeout, context=context
            )
        else:
            host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=timeout)
        if self.mail.use_tls:
            host.starttls(context=context)
        if self.mail.username and self.mail.password:
            host.login(self.mail.username, self.mail.password)
        return host


class VerifiedMail(Mail):
    """Flask-Mail whose connections are verified."""

    def connect(self) -> VerifiedConnection:
        return VerifiedConnection(current_app.extensions["mail"])
