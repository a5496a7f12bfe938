"""Living below a path of a site: `DRAWPACK_BASE_URL=https://example.org/drawpack`.

The path comes from the setting alone. No header of a proxy is believed, for a visitor could write
it as well, and links in mails, which know no request, follow the same setting.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Mounted:
    """A WSGI application whose addresses all begin with `path` ("/drawpack").

    The web server before us passes the path on as it was asked for. What comes without it is
    answered too, so that health checks on this machine need not know where the site lives.
    """

    def __init__(self, application: "WSGIApplication", path: str) -> None:
        self._application = application
        self._path = path

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        asked: str = environ.get("PATH_INFO", "")
        if asked == self._path or asked.startswith(f"{self._path}/"):
            environ["PATH_INFO"] = asked[len(self._path) :] or "/"
        environ["SCRIPT_NAME"] = self._path
        return self._application(environ, start_response)
