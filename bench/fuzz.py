"""Damaged files and requests, made from good ones, until something breaks.

    .venv/bin/python -m bench.fuzz [--minutes N] [--corpus FOLDER] [--target NAME] [--seed N]

Targets: intake (the file that is read), project (CSV, workbook, ZIP), upload (multipart), webhook
(signed calls). What breaks is written to `fuzz-TARGET-*.bin` in the folder where it was started, as
small as it could be made, and the exit code is 1. Needs the libraries of requirements-dev.txt.
"""

import argparse
import base64
import hashlib
import hmac
import json
import logging
import sys
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pypdf
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from binder.intake import make_fragment
from binder.limits import Limits
from models import Invoice, SignInState, User, db, utcnow
from services.errors import AppError
from services.importing import import_project
from services.sign_in import sessions
from services.signing import accounts

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "example-project"
KEY = "fuzz-key"
LARGEST_SEED = 200_000
LIMITS = Limits(cpu_seconds=10, wall_seconds=20)
#: Pieces that mean something to one of the readers.
WORDS = [
    b"\x00", b"\xff" * 8, b"\r\n", b"\xef\xbb\xbf", b"9" * 40, b"-1", b"1e999", b"NaN", b"=1+1",
    b"\xed\xa0\x80", "\u202e".encode(), b"../../etc/passwd", b"/Length 4294967295",
    b"/Parent 1 0 R", b"/Kids [1 0 R 1 0 R]",
    b"startxref\n0\n%%EOF", b"xref\n0 99999999\n", b"<<", b">>", b"endobj",
    b"stream\n", b"PK\x03\x04", b"PK\x05\x06", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b'"',
    b",", b'{"a":', b"[" * 2000, b"\\ud800", b"\r\n--x--\r\n", b"filename*=UTF-8''%00", b"null",
]  # fmt: skip


@dataclass
class House:
    """An installation to throw things at."""

    app: Flask
    folder: Path
    browser: Any
    invoice: tuple[int, int]


def furnish(app: Flask, folder: Path) -> House:
    """An administrator who is signed in, the example project, a key for calls."""
    with app.app_context():
        user = User(email="fuzz@example.org", name="F", password_hash="!", is_administrator=True)
        db.session.add(user)
        db.session.commit()
        imported = import_project(EXAMPLE)
        invoice = db.session.get_one(Invoice, imported.invoice_ids[0])
        accounts.add_connect_key("Fuzz", KEY)
        token = sessions.begin(user.id, SignInState.WHOLE, utcnow())
        place, user_id = (imported.project_id, invoice.id), user.id
        db.session.remove()
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie.update(key=token, seen=2**33, _user_id=str(user_id), _fresh=True)
    assert browser.get("/account").status_code == 200, "the fuzzer is not signed in"
    return House(app, folder, browser, place)


def files() -> list[bytes]:
    """Good files, small ones, of every kind that intake reads."""
    pdf = BytesIO()
    canvas = Canvas(pdf, invariant=True, pageCompression=0)
    for text in ("one", "two"):
        canvas.bookmarkPage(text)
        canvas.addOutlineEntry(text, text)
        canvas.drawString(72, 700, text)
        canvas.acroForm.textfield(name=text, x=72, y=600, width=90, height=20)
        canvas.showPage()
    canvas.save()
    made = [pdf.getvalue()]
    for kind in ("PNG", "JPEG", "TIFF"):
        picture = BytesIO()
        Image.linear_gradient("L").resize((24, 24)).save(picture, kind)
        made.append(picture.getvalue())
    return made


def projects() -> list[bytes]:
    """The example as a ZIP, its tables as a workbook and one by one."""
    archive, book, whole = BytesIO(), Workbook(), BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted(EXAMPLE.rglob("*")):
            if path.is_file() and path.suffix != ".pdf":
                out.write(path, path.relative_to(EXAMPLE))
    for path in sorted(EXAMPLE.glob("*.csv")):
        sheet = book.create_sheet(path.stem)
        for line in path.read_text().splitlines():
            sheet.append(line.split(","))
    book.save(whole)
    tables = [path.read_bytes() for path in sorted(EXAMPLE.glob("*.csv"))]
    return [archive.getvalue(), whole.getvalue(), *tables]


def forms() -> list[bytes]:
    """Bodies of uploads, as browsers send them with the boundary “x”."""
    part = b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n%s\r\n%s\r\n'
    pdf = (b"files", b'; filename="a.pdf"', b"Content-Type: application/pdf\r\n", b"%PDF-1.7\n")
    odd = (b"files", b"; filename*=UTF-8''%E2%82%AC.zip", b"", b"PK\x03\x04")
    return [part % pdf + b"--x--\r\n", part % odd + part % pdf + b"--x--\r\n"]


def calls() -> list[bytes]:
    """What DocuSign sends."""
    summary = {"status": "voided", "voidedReason": "No", "emailSubject": "S"}
    data = {"envelopeId": "e-1", "accountId": "a", "envelopeSummary": summary}
    return [
        json.dumps({"event": f"envelope-{state}", "apiVersion": "v2.1", "data": data}).encode()
        for state in ("sent", "completed", "voided")
    ]


@st.composite
def damaged(draw: st.DrawFn, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds after up to six accidents."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        length = draw(st.integers(1, 64))
        match draw(st.sampled_from(["flip", "cut", "end", "word", "copy", "splice"])):
            case "flip" if at < len(data):
                data[at] ^= draw(st.integers(1, 255))
            case "cut":
                del data[at : at + length]
            case "end":
                del data[at:]
            case "word":
                data[at:at] = draw(st.sampled_from(WORDS))
            case "copy":
                data[at:at] = data[at : at + length] * draw(st.integers(1, 50))
            case "splice":
                other = draw(st.sampled_from(seeds))
                start = draw(st.integers(0, len(other)))
                data[at : at + length] = other[start : start + 4 * length]
    return bytes(data)


def read_file(house: House, data: bytes) -> None:
    """Intake: a fragment with as many pages as it says, or a problem in a sentence."""
    path, dest = house.folder / "in" / "file", house.folder / "out" / "fragment.pdf"
    for each in (path, dest):
        each.parent.mkdir(exist_ok=True)
        each.unlink(missing_ok=True)
    path.write_bytes(data)
    facts = make_fragment(path, "file", dest, limits=LIMITS)
    if facts.problem:
        assert facts.sentence
        assert not dest.exists()
    else:
        assert len(pypdf.PdfReader(dest).pages) == facts.pages
    assert {each.name for each in dest.parent.iterdir()} <= {dest.name}


def read_project(house: House, data: bytes) -> None:
    """Import: whole, or refused with sentences; never half."""
    ending = "zip" if data[:2] == b"PK" and b"xl/workbook" not in data else "xlsx"
    path = house.folder / f"project.{ending}"
    path.write_bytes(data)
    if data[:2] != b"PK":
        # One damaged table among good ones.
        with zipfile.ZipFile(path.with_suffix(".zip"), "w") as out:
            out.write(EXAMPLE / "project.toml", "project.toml")
            for table in EXAMPLE.glob("*.csv"):
                is_it = table.read_bytes()[:12] == data[:12]
                out.writestr(table.name, data if is_it else table.read_bytes())
        path = path.with_suffix(".zip")
    with house.app.app_context():
        before = db.session.scalar(sa.select(sa.func.count()).select_from(Invoice))
        db.session.rollback()
        try:
            import_project(path, replace=True)
        except AppError:
            after = db.session.scalar(sa.select(sa.func.count()).select_from(Invoice))
            assert after == before
        finally:
            db.session.remove()


def send_form(house: House, data: bytes) -> None:
    """Multipart: every answer is one of ours, and none is a failure of the server."""
    project, invoice = house.invoice
    for address in ("/import", f"/projects/{project}/invoices/{invoice}/attachments"):
        answer = house.browser.post(
            address, data=data, content_type="multipart/form-data; boundary=x", buffered=True
        )
        assert answer.status_code < 500, answer.status


def send_call(house: House, data: bytes) -> None:
    """Webhook: a genuine call of whatever content."""
    made = base64.b64encode(hmac.new(KEY.encode(), data, hashlib.sha256).digest()).decode()
    headers = {"X-DocuSign-Signature-1": made}
    answer = house.browser.post("/webhooks/docusign", data=data, headers=headers)
    assert answer.status_code in {204, 413}, answer.status


Target = tuple[Callable[[House, bytes], None], Callable[[], list[bytes]]]
TARGETS: dict[str, Target] = {
    "intake": (read_file, files),
    "project": (read_project, projects),
    "upload": (send_form, forms),
    "webhook": (send_call, calls),
}


def corpus(folder: Path) -> list[bytes]:
    """Files of a folder that are small enough to be damaged quickly."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [path.read_bytes() for path in paths if 0 < path.stat().st_size <= LARGEST_SEED]


def run(house: House, name: str, seeds: Sequence[bytes], number: int, tries: int) -> bytes | None:
    """So many tries of one target; what broke it, if anything did."""
    act, _ = TARGETS[name]
    last: list[bytes] = []

    @seed(number)
    @settings(
        max_examples=tries, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=damaged(seeds))
    def holds(data: bytes) -> None:
        last[:] = [data]
        act(house, data)

    try:
        holds()
    except Exception as broken:  # noqa: BLE001 - whatever it is, it is what was looked for
        sys.stderr.write(f"{name}: {type(broken).__name__}: {broken}\n")
        return last[0]
    return None


def main() -> int:
    from app import create_app  # noqa: PLC0415 - the test brings its own

    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--target", choices=list(TARGETS))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    names, number, done = [asked.target] if asked.target else list(TARGETS), asked.seed, 0
    seeds = {name: TARGETS[name][1]() for name in names}
    if asked.corpus and "intake" in seeds:
        seeds["intake"] += corpus(asked.corpus)
    end, found = time.monotonic() + asked.minutes * 60, 0
    with TemporaryDirectory(prefix="drawpack-fuzz-") as folder:
        uri = f"sqlite:///{folder}/drawpack.db"
        app = create_app(
            {"DATA_DIR": Path(folder), "SQLALCHEMY_DATABASE_URI": uri, "WTF_CSRF_ENABLED": False}
        )
        with app.app_context():
            db.create_all()
        house = furnish(app, Path(folder))
        while time.monotonic() < end:
            for name in names:
                broken = run(house, name, seeds[name], number, 50)
                done += 50
                if broken is not None:
                    found += 1
                    Path(f"fuzz-{name}-{number}.bin").write_bytes(broken)
            number += 1
    print(f"{done:,} tries, {found} broke something; the last seed was {number - 1}.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
