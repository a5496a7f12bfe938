"""Why a mail could not be handed over, and whether another try can help."""

from smtplib import (
    SMTPDataError,
    SMTPException,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from flask import current_app

from services.smtp import Unanswered

#: What sending may raise; each may heal by itself.
FAILURES = (SMTPException, OSError)
#: “Authentication required” and its kin (RFC 4954, 6).
_ABOUT_US = {530, 534, 535, 538}


def in_words(failure: Exception) -> str:
    """Why a mail could not be handed over, for the page of a backup."""
    server = f"{current_app.config['MAIL_SERVER']}:{current_app.config['MAIL_PORT']}"
    if isinstance(failure, Unanswered):
        return (
            f"The mail server {server} took the mail and then did not answer, so nobody knows "
            "whether it left. Ask the recipient, and send it again if it did not arrive."
        )
    if isinstance(failure, SMTPException):
        return f"The mail server {server} refused the mail: {_detail(failure)}."
    return f"The mail server {server} could not be reached: {_detail(failure)}."


def is_final(failure: Exception) -> bool:
    """Whether another try could only be refused again, or be a second mail.

    A 5xx about the recipient, the sender or the mail itself is final (RFC 5321, 4.2.1). One about
    signing in or encryption is about our settings, which somebody may mend meanwhile.
    """
    match failure:
        case Unanswered():
            return True
        case SMTPRecipientsRefused(recipients=refused):
            codes = [code for code, _ in refused.values()]
        case SMTPSenderRefused(smtp_code=code) | SMTPDataError(smtp_code=code):
            codes = [code]
        case _:
            return False
    return all(500 <= code < 600 and code not in _ABOUT_US for code in codes)


def _detail(failure: Exception) -> str:
    said = _answer(failure) or str(failure)
    return " ".join(said.split()).rstrip(".")[:200] or type(failure).__name__


def _answer(failure: Exception) -> str:
    """“550 5.1.1 no such user”: the server's own words, where it had some."""
    match failure:
        case SMTPRecipientsRefused(recipients=refused) if refused:
            code, answer = next(iter(refused.values()))
        case SMTPResponseException(smtp_code=code, smtp_error=answer):
            pass
        case _:
            return ""
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {words}"
