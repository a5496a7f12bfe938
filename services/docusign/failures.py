"""Turns what a call met into one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from services.signing.provider import SigningFailed

#: The codes by which DocuSign says that an hour's or a minute's calls are used up.
_LIMITS = {"HOURLY_APIINVOCATION_LIMIT_EXCEEDED", "BURST_APIINVOCATION_LIMIT_EXCEEDED"}
_LONGEST_WAIT = timedelta(hours=1)
#: Of an answer that is no answer of DocuSign's, people see this much.
_SHOWN = 200


@contextmanager
def reached(host: str) -> Iterator[None]:
    """Raises SigningFailed where the network does not let a call through."""
    try:
        yield
    except httpx.TimeoutException:
        raise SigningFailed(
            f"DocuSign ({host}) did not answer in time.", is_temporary=True
        ) from None
    except (httpx.HTTPError, httpx.InvalidURL) as e:
        detail = " ".join(str(e).split())[:_SHOWN] or type(e).__name__
        raise SigningFailed(
            f"DocuSign ({host}) could not be reached: {detail}.", is_temporary=True
        ) from None


def answer_of(response: httpx.Response) -> dict[str, Any]:
    """The JSON object in an answer; {} where there is none."""
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def refused(host: str, what: str, response: httpx.Response) -> SigningFailed:
    """The failure for an answer that is no success; `what` was asked for."""
    answer = answer_of(response)
    code, message = str(answer.get("errorCode", "")), str(answer.get("message", ""))
    is_limited = code in _LIMITS or response.status_code == httpx.codes.TOO_MANY_REQUESTS
    said = " ".join((message or code).split())[:_SHOWN].rstrip(".")
    return SigningFailed(
        f"DocuSign ({host}) refused to {what}: {said or f'status {response.status_code}'}.",
        is_temporary=is_limited or response.is_server_error,
        wait=_wait(response) if is_limited else None,
    )


def _wait(response: httpx.Response) -> timedelta:
    """Until the limit is lifted, as the answer tells (seconds since 1970), an hour at most."""
    told = response.headers.get("X-RateLimit-Reset", "")
    if not told.isascii() or not told.isdigit():
        return _LONGEST_WAIT
    reset = timedelta(seconds=min(int(told), 10**11) - datetime.now(UTC).timestamp())
    return min(max(reset, timedelta(seconds=1)), _LONGEST_WAIT)
