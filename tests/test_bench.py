import json
import shutil
import subprocess
import sys
from pathlib import Path

import pikepdf
import pytest

from bench import report
from bench.blueprint import SIZES, files
from bench.corpus import ensure
from bench.sets import Corpus

ROOT = Path(__file__).parents[1]
KEYS = {
    "link_over_copy", "qpdf_over_link", "pikepdf_over_link", "pypdf_over_link", "link_peak_mb",
    "job_peak_mb", "scale_4x", "verify_over_link", "intake_over_pikepdf", "pages", "bytes",
}  # fmt: skip


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return ensure("tiny", tmp_path_factory.mktemp("sets"))


def test_a_set_has_the_same_bytes_wherever_and_by_however_many_it_is_made(tiny, tmp_path):
    again = ensure("tiny", tmp_path, processes=1)
    assert again.files == tiny.files
    assert again.recipe == tiny.recipe
    for file in tiny.files:
        assert tiny.path(file).read_bytes() == again.path(file).read_bytes()


def test_every_file_of_a_set_has_the_pages_of_its_manifest(tiny):
    for file in tiny.files:
        with pikepdf.open(tiny.path(file)) as pdf:
            assert len(pdf.pages) == file.pages, file.path
    assert tiny.pages == SIZES["tiny"].pages


def test_a_set_has_every_kind_of_file_and_no_file_twice(tiny):
    assert {file.kind for file in tiny.files} == {"invoice", "scan", "office", "form"}
    assert len({file.sha256 for file in tiny.files}) == len(tiny.files)


@pytest.mark.parametrize("name", SIZES)
def test_the_plan_of_a_set_has_exactly_its_pages_and_an_invoice_first(name):
    planned = files(SIZES[name])
    assert sum(spec.pages for spec in planned) == SIZES[name].pages
    assert len({spec.path for spec in planned}) == len(planned)
    kinds: dict[tuple[str, int], str] = {}
    for spec in planned:
        kinds.setdefault((spec.contract, spec.position), spec.kind.value)
    assert set(kinds.values()) == {"invoice"}
    assert len(kinds) == SIZES[name].invoices


def test_a_set_that_is_whole_is_used_again_and_a_cut_one_is_made_anew(tiny, tmp_path):
    shutil.copytree(tiny.folder, tmp_path / "tiny")
    first = tmp_path / "tiny" / tiny.files[0].path
    marked = first.read_bytes()[:-1] + b"#"
    first.write_bytes(marked)
    ensure("tiny", tmp_path)
    assert first.read_bytes() == marked
    first.write_bytes(marked[:-1])
    assert Corpus.load(tmp_path / "tiny") is None
    ensure("tiny", tmp_path)
    assert first.read_bytes() == tiny.path(tiny.files[0]).read_bytes()


def test_measuring_prints_every_bar_and_writes_every_figure(tiny):
    sets = tiny.folder.parent
    last = sets / "last.json"
    command = [sys.executable, "-m", "bench", "--set", "tiny", "--runs", "1"]
    done = subprocess.run(
        [*command, "--sets", str(sets), "--json", str(last)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(last.read_text())
    assert found.keys() >= KEYS
    assert (found["pages"], found["bytes"]) == (tiny.pages, tiny.bytes)
    measured = KEYS - ({"qpdf_over_link"} if shutil.which("qpdf") is None else set())
    assert all(found[key] > 0 for key in measured)
    assert all(bar.what in done.stdout for bar in report.BARS)
    assert sorted(path.name for path in sets.iterdir()) == ["last.json", "tiny"]


def test_a_tool_that_is_not_installed_is_said_to_be_missing():
    bar = report.BARS[1]
    assert bar.key == "qpdf_over_link"
    figures = {bar.key: 1.0 for bar in report.BARS} | {"qpdf_over_link": None, "set": "medium"}
    line = next(line for line in report.bars(figures).splitlines() if line.startswith(bar.what))
    assert line.endswith("qpdf is not installed")
    assert "met" not in line.lower().split()


@pytest.mark.parametrize(("figure", "is_met"), [(1.8, True), (1.81, False)])
def test_a_bar_is_met_up_to_its_limit(figure, is_met):
    assert report.BARS[0].met(figure) is is_met
