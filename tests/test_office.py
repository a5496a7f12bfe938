"""Office files become pages where LibreOffice is installed; everything holds without it too."""

import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import Workbook

import settings
from binder import cage, launcher, office
from binder.facts import Problem
from binder.fragment import Fragment
from binder.intake import make_fragment
from binder.limits import DEFAULT_LIMITS
from models import db
from services import files
from tests.factories import make_file

SOFFICE = Path(shutil.which("soffice") or "/nowhere/soffice")
needs_soffice = pytest.mark.skipif(
    not SOFFICE.exists(), reason="LibreOffice is not installed, and the product can do without"
)
TEXT = "application/vnd.oasis.opendocument.text"


def write_xlsx(path, text="Concrete, 40 yards"):
    book = Workbook()
    book.active["A1"] = text
    book.save(path)
    return path


def write_odt(path, body, scripts=""):
    """A text document, as small as LibreOffice takes it."""
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (
            ("office", "office"), ("text", "text"), ("draw", "drawing"), ("script", "script"),
            ("svg", "svg-compatible"),
        )
    )  # fmt: skip
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("mimetype", TEXT)
        package.writestr(
            "META-INF/manifest.xml",
            "<manifest:manifest"
            ' xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{TEXT}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        package.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'office:version="1.2">{scripts}<office:body><office:text>{body}</office:text>'
            "</office:body></office:document-content>",
        )
    return path


def text_of(path):
    document = pypdfium2.PdfDocument(path)
    try:
        return "".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


@needs_soffice
def test_a_workbook_becomes_pages_with_its_own_facts(tmp_path):
    path = write_xlsx(tmp_path / "hours.xlsx")

    facts = make_fragment(path, "hours.xlsx", tmp_path / "f.pdf", soffice=SOFFICE)

    assert facts.problem is None
    assert facts.pages == facts.searchable_pages == 1
    assert facts.media_type.endswith("spreadsheetml.sheet")
    assert facts.size == path.stat().st_size
    assert facts.was_converted
    assert "made by LibreOffice" in facts.warnings[-1]
    assert Fragment.open(tmp_path / "f.pdf").pages == 1
    assert "Concrete, 40 yards" in text_of(tmp_path / "f.pdf")


@needs_soffice
def test_what_libreoffice_cannot_open_stays_a_file_that_is_no_pdf(tmp_path):
    path = tmp_path / "report.docx"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<no")

    facts = make_fragment(path, "report.docx", tmp_path / "f.pdf", soffice=SOFFICE)

    assert facts.problem is Problem.NOT_PDF
    assert facts.was_converted
    assert "is a Word document, not a PDF" in facts.sentence
    assert not (tmp_path / "f.pdf").exists()


@needs_soffice
def test_neither_files_of_this_machine_nor_addresses_are_drawn_into_it(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("the key of the house")
    body = (
        f'<text:section text:name="a"><text:section-source xlink:href="{secret.as_uri()}" '
        'text:filter-name="Text"/><text:p>as sent</text:p></text:section>'
    )
    path = write_odt(tmp_path / "a.odt", body)

    # It would listen in /tmp, where others could find it.
    before = set(Path("/tmp").glob("OSL_PIPE*"))
    assert office.to_pdf(SOFFICE, path, TEXT, tmp_path / "a.pdf", DEFAULT_LIMITS)

    assert set(Path("/tmp").glob("OSL_PIPE*")) <= before
    assert text_of(tmp_path / "a.pdf").strip() == "as sent"


@needs_soffice
def test_one_that_takes_too_long_is_ended(tmp_path):
    limits = replace(DEFAULT_LIMITS, wall_seconds=0.05)
    path = write_xlsx(tmp_path / "hours.xlsx")
    kind = next(kind for kind, ending in office.ENDINGS.items() if ending == "xlsx")

    assert not office.to_pdf(SOFFICE, path, kind, tmp_path / "a.pdf", limits)

    assert not (tmp_path / "a.pdf").exists()
    left = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True, check=True)
    assert "drawpack-office-" not in left.stdout


@needs_soffice
def test_the_pages_look_alike_each_time(tmp_path):
    path = write_xlsx(tmp_path / "hours.xlsx")
    for name in ("one.pdf", "two.pdf"):
        make_fragment(path, "hours.xlsx", tmp_path / name, soffice=SOFFICE)
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()


@needs_soffice
def test_a_file_that_came_before_libreoffice_is_looked_into_again(context, tmp_path):
    row = make_file(write_xlsx(tmp_path / "hours.xlsx").read_bytes())
    db.session.commit()
    files.ensure_inspected([row.sha256])
    assert row.problem == Problem.NOT_PDF
    assert not files.waiting([row.sha256])

    context.config["SOFFICE"] = SOFFICE
    assert list(files.waiting([row.sha256])) == [row.sha256]
    files.ensure_inspected([row.sha256])

    db.session.refresh(row)
    assert (row.problem, row.pages) == (None, 1)
    assert files.preview_path(row.sha256).exists()
    assert not files.waiting([row.sha256])


def test_without_libreoffice_the_sentence_says_what_to_ask_for(tmp_path):
    facts = make_fragment(write_xlsx(tmp_path / "hours.xlsx"), "hours.xlsx", tmp_path / "f.pdf")

    assert facts.problem is Problem.NOT_PDF
    assert facts.sentence == (
        "“hours.xlsx” is an Excel workbook, not a PDF or a picture. "
        "Ask the subcontractor to send it as a PDF."
    )
    assert not facts.was_converted


def test_a_program_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = write_xlsx(tmp_path / "hours.xlsx")

    facts = make_fragment(path, "a.xlsx", tmp_path / "f.pdf", soffice=Path("/bin/false"))

    assert facts.problem is Problem.NOT_PDF


def test_the_setting_finds_names_and_forbids_it(tmp_path):
    assert settings.load({"DRAWPACK_SOFFICE": "no"})["SOFFICE"] is None
    assert settings.load({"DRAWPACK_SOFFICE": "/bin/sh"})["SOFFICE"] == Path("/bin/sh")
    with pytest.raises(settings.SettingError, match="DRAWPACK_SOFFICE: there is no program “gone”"):
        settings.load({"DRAWPACK_SOFFICE": "gone"})


linux = pytest.mark.skipif(sys.platform != "linux", reason="the cage is Linux’s")
has_landlock = pytest.mark.skipif(not cage.landlock_version(), reason="this kernel has none")


def launched(home, script, *, output=1 << 20):
    """What becomes of a script in place of LibreOffice."""
    reads = f"{sys.base_prefix}:{sys.prefix}"
    limits = ["5", str(4 << 30), str(output)]
    command = [sys.executable, "-I", "-S", launcher.__file__, *limits, str(home), reads]
    return subprocess.run(
        [*command, sys.executable, "-S", "-c", script],
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
    )


def refused(home, *acts):
    """Those of the acts that are refused, in one process."""
    script = "import os, resource, socket\nfrom pathlib import Path\n"
    for number, act in enumerate(acts):
        script += f"try:\n    {act}\nexcept PermissionError: print({number})\n"
    done = launched(home, script)
    assert done.stderr == ""
    return [acts[int(line)] for line in done.stdout.split()]


@linux
def test_what_is_launched_has_no_network(tmp_path):
    acts = [
        "socket.socket(socket.AF_INET)",
        "socket.socket(socket.AF_INET6)",
        "socket.socket(socket.AF_NETLINK)",
        # A way to every server of this machine that listens in the file system, such as Redis.
        "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX).connect('nobody')",
        "socket.socketpair()",
    ]
    assert refused(tmp_path, "socket.socket(socket.AF_UNIX).bind('own')", *acts) == acts


@linux
def test_what_is_launched_reaches_no_other_process(tmp_path):
    acts = [
        "os.kill(os.getppid(), 0)",
        "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
        "os.fork()",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.chmod('.', 0o700)",
        "os.utime('.', (0, 0))",
    ]
    assert refused(tmp_path, *acts) == acts


@has_landlock
def test_what_is_launched_reads_and_writes_in_its_own_folder_only(tmp_path):
    data, home = tmp_path / "data", tmp_path / "home"
    for folder in (data, home):
        folder.mkdir()
        (folder / "file").write_text("content")
    acts = [
        f"Path('{data}/file').read_bytes()",
        f"Path('{data}/file').write_bytes(b'x')",
        f"Path('{data}/new').touch()",
        f"Path('{data}/file').unlink()",
        f"os.listdir('{data}')",
        "os.open('/tmp/drawpack-test-escape', os.O_CREAT)",
        "Path('/etc/passwd').read_bytes()",
        f"Path('/proc/{os.getpid()}/environ').read_bytes()",
        "os.execv('/bin/sh', ['sh'])",
    ]
    fine = ["Path('file').read_bytes()", "Path('new').touch()", "Path('new').unlink()"]
    assert refused(home, *fine, *acts) == acts
    assert (data / "file").read_text() == "content"


def test_what_is_launched_writes_no_more_than_it_may(tmp_path):
    script = "open('a', 'wb').write(b'x' * 2000)"

    launched(tmp_path, script, output=1000)
    assert (tmp_path / "a").stat().st_size == 1000
    launched(tmp_path, script, output=3000)
    assert (tmp_path / "a").stat().st_size == 2000
