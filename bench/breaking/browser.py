"""What people do, over HTTP: sign in, upload, compile, download."""

import re
from io import BytesIO
from pathlib import Path
from random import Random
from zipfile import ZipFile

import httpx

import settings

EMAIL, PASSWORD = "alice@example.org", "correct horse battery"
EXAMPLE = settings.ROOT / "docs" / "example-project"
#: Extra recipients of each backup: a link that anyone may open.
RECIPIENTS = ("lender@bank.example", "owner@point.example", "auditor@firm.example")


class Browser:
    """A session. Raises httpx.HTTPError where the server is gone."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=60, follow_redirects=False)
        self._token = ""

    def set_up(self, data: Path) -> None:
        """Become the first administrator, and send backups of the demo to outside addresses."""
        key = (data / "setup-key").read_text().strip()
        self.look("/setup")
        self.post("/setup", key=key, name="Alice Adams", email=EMAIL, password=PASSWORD)
        self.sign_in()

    def sign_in(self, email: str = EMAIL) -> None:
        self.look("/sign-in")
        self.post("/sign-in", email=email, password=PASSWORD)
        self.look("/projects")

    def look(self, path: str) -> None:
        page = self.http.get(path, follow_redirects=True).text
        if found := re.search(r'name="csrf_token" value="([^"]+)"', page):
            self._token = found[1]

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.http.get(path, headers=headers, follow_redirects=True)

    def post(self, path: str, files: object = None, **form: object) -> httpx.Response:
        return self.http.post(path, data={"csrf_token": self._token, **form}, files=files)  # type: ignore[arg-type]

    def click(self, path: str, **form: object) -> httpx.Response:
        """As the page's script posts: the answer is a piece of a page."""
        data = {"csrf_token": self._token, **form}
        return self.http.post(path, data=data, headers={"HX-Request": "true"})

    def compile(self, project_id: int, contracts: list[int], **form: str) -> httpx.Response:
        return self.post(f"/projects/{project_id}/backups", contract=contracts, **form)

    def upload(self, project_id: int, invoice_id: int, files: list[tuple[str, bytes]]) -> None:
        parts = [("files", (name, content, "application/pdf")) for name, content in files]
        self.post(f"/projects/{project_id}/invoices/{invoice_id}/attachments", parts)

    def bring(self, number: str) -> httpx.Response:
        """Upload the example project under another number; it is checked next."""
        return self.post("/projects/import", [("files", ("project.zip", zipped(number), "x/zip"))])


def zipped(number: str) -> bytes:
    """The example project as a ZIP, under this number."""
    out = BytesIO()
    with ZipFile(out, "w") as made:
        for path in sorted(EXAMPLE.rglob("*")):
            if path.is_file():
                content = path.read_bytes()
                if path.name == "project.toml":
                    content = content.replace(b'"EX-1"', f'"{number}"'.encode())
                made.writestr(path.relative_to(EXAMPLE).as_posix(), content)
    return out.getvalue()


def fresh(content: bytes, random: Random) -> bytes:
    """The same pages as other bytes, so that nobody has looked into them."""
    return content + b"\n%" + random.randbytes(8).hex().encode() + b"\n%%EOF\n"
