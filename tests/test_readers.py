"""Readers of others open a finished backup without a complaint: people have all kinds of them."""

import os
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from binder.assemble import assemble
from binder.plan import EntryKind
from binder.recipe import Recipe
from tests.pdfs import (
    contract,
    document,
    invoice,
    left_out,
    plan,
    write_form,
    write_named_link,
    write_pdf,
    write_picture,
)

PDFJS = Path(__file__).parent / "vendor" / "pdfjs-dist-5.6.205"
PAGE = """<!doctype html><title>reader</title><link rel="icon" href="data:,"><script type="module">
import * as pdfjs from "/pdf.min.mjs";
pdfjs.GlobalWorkerOptions.workerSrc = "/pdf.worker.min.mjs";
const loading = pdfjs.getDocument({url: "/backup.pdf", verbosity: pdfjs.VerbosityLevel.WARNINGS});
window.read = async () => {
  const pdf = await loading.promise;
  const found = {pages: pdf.numPages, links: 0, ink: [], outline: 0, labels: null};
  const count = items => items.reduce((sum, item) => sum + 1 + count(item.items), 0);
  found.outline = count(await pdf.getOutline() ?? []);
  found.labels = await pdf.getPageLabels();
  for (let number = 1; number <= pdf.numPages; number++) {
    const page = await pdf.getPage(number);
    const viewport = page.getViewport({scale: 1});
    const canvas = document.createElement("canvas");
    canvas.width = viewport.width;
    canvas.height = viewport.height;
    await page.render({canvas, viewport}).promise;
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    found.ink.push(pixels.some((value, index) => index % 4 < 3 && value < 128));
    found.links += (await page.getAnnotations()).filter(one => one.subtype === "Link").length;
  }
  return found;
};
window.ready = true;
</script>"""


def need(command):
    """The path of a reader. In CI its absence is a failure."""
    path = shutil.which(command)
    if path is None and os.environ.get("CI"):
        pytest.fail(f"{command} is missing, and CI must not skip what only a reader shows.")
    if path is None:
        pytest.skip(f"{command} is not installed")
    return path


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    """Furniture, links, a form, a picture, and pages of all rotations."""
    tmp_path = tmp_path_factory.mktemp("readers")
    one, two = invoice(1), invoice(2, of=contract("SC-010"))
    turned = [
        document(write_pdf(tmp_path / f"turned-{angle}.pdf", rotate=angle), 1, of=one)
        for angle in (90, 180, 270)
    ]
    documents = [
        document(write_pdf(tmp_path / "a.pdf", ["One", "Two"]), 2, of=one, kind=EntryKind.INVOICE),
        *turned,
        document(write_named_link(tmp_path / "links.pdf", ["Here", "There"]), 2, of=two),
        document(write_form(tmp_path / "form.pdf", "Smith"), 1, of=two),
        document(write_picture(tmp_path / "photo.jpg", "JPEG"), 1, of=two),
        document(write_pdf(tmp_path / "small.pdf", size=(226, 600)), 1, of=two),
    ]
    work = tmp_path / "work"
    work.mkdir()
    out = tmp_path / "backup.pdf"
    whole = plan(*documents, left_out=[left_out()], recipe=Recipe())
    assemble(whole, out, work=work, progress=lambda _: None, cancelled=lambda: False)
    return out


@pytest.fixture
def pages(backup):
    return len(pypdf.PdfReader(backup).pages)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout, done.stderr


def test_qpdf_finds_nothing_wrong(backup):
    code, said, _ = run(need("qpdf"), "--check", backup)

    assert code == 0, said
    assert "WARNING" not in said


def test_poppler_draws_every_page_and_reads_it_in_silence(backup, pages, tmp_path):
    assert run(need("pdftotext"), backup, tmp_path / "a.txt")[::2] == (0, "")
    assert run(need("pdftoppm"), "-r", "36", backup, tmp_path / "page")[::2] == (0, "")
    assert len(list(tmp_path.glob("page-*"))) == pages


def test_mupdf_draws_every_page_in_silence(backup, pages, tmp_path):
    drawn = run(need("mutool"), "draw", "-q", "-r", "36", "-o", tmp_path / "%d.png", backup)

    assert drawn[0] == 0
    # Distributions build it without colour profiles, and it says so of every file.
    assert drawn[2].replace("warning: ICC support is not available\n", "") == ""
    assert len(list(tmp_path.glob("*.png"))) == pages
    _, outline, complaints = run("mutool", "show", backup, "outline")
    assert "SC-010" in outline
    assert not complaints


def test_pypdf_reads_it_strictly(backup, pages):
    reader = pypdf.PdfReader(backup, strict=True)

    assert reader.outline
    assert all(page.extract_text() for page in reader.pages)
    assert pages == len(reader.page_labels)


def test_pdfium_draws_every_page(backup, pages):
    pdf = pypdfium2.PdfDocument(backup)
    try:
        assert len(pdf) == pages
        for page in pdf:
            # Somewhere each page is dark: its stamp at least.
            assert page.render(scale=0.5).to_pil().convert("L").getextrema()[0] < 128
    finally:
        pdf.close()


class _Quiet(SimpleHTTPRequestHandler):
    def guess_type(self, path):
        return "text/javascript" if str(path).endswith(".mjs") else super().guess_type(path)

    def log_message(self, *_):
        pass


@pytest.fixture
def reader_page(backup, tmp_path):
    """The address of a page with pdf.js and the backup beside it."""
    (tmp_path / "index.html").write_text(PAGE)
    for path in (*PDFJS.glob("*.mjs"), backup):
        shutil.copy(path, tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=tmp_path))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


def test_pdf_js_draws_every_page_with_bookmarks_and_links(reader_page, tab, pages):
    said = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("requestfailed", lambda request: said.append(request.url))
    tab.goto(reader_page)
    tab.wait_for_function("window.ready")

    found = tab.evaluate("window.read()")

    assert said == []
    assert found["pages"] == pages
    assert [number for number, is_dark in enumerate(found["ink"], 1) if not is_dark] == []
    assert len(found["ink"]) == pages
    # Two contracts, two invoices, eight documents, and our own pages.
    assert found["outline"] >= 12
    # The index has a row for each invoice, and the document has a link of its own.
    assert found["links"] >= 3
    assert found["labels"] is None or len(found["labels"]) == pages
