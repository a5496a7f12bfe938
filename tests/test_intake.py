import errno
import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image

from binder import intake
from binder.facts import FileFacts, Problem
from binder.intake import _make, inspect
from binder.isolation import ChildFailed, run_limited
from binder.limits import Limits
from tests.pdfs import write_encrypted, write_form, write_pdf, write_picture, write_truncated


def test_a_plain_pdf_tells_pages_sizes_and_text(tmp_path):
    facts = inspect(write_pdf(tmp_path / "a.pdf", ["One", "Two"]), "a.pdf")
    assert (facts.problem, facts.sentence) == (None, "")
    assert (facts.media_type, facts.pages, facts.searchable_pages) == ("application/pdf", 2, 2)
    assert facts.page_sizes == ((612, 792), (612, 792))
    assert facts.scanned_pages == 0
    assert not facts.repaired


def test_facts_survive_json(tmp_path):
    facts = inspect(write_pdf(tmp_path / "a.pdf"), "a.pdf")
    assert FileFacts.from_json(facts.to_json()) == facts
    refused = inspect(write_encrypted(tmp_path / "b.pdf", user="secret"), "b.pdf")
    assert FileFacts.from_json(refused.to_json()) == refused


def test_facts_of_a_newer_version_are_understood(tmp_path):
    data = inspect(write_pdf(tmp_path / "a.pdf"), "a.pdf").to_json()
    assert FileFacts.from_json({**data, "learned_later": 1}).pages == 1


def test_zero_bytes_are_empty(tmp_path):
    path = tmp_path / "empty.pdf"
    path.touch()
    facts = inspect(path, "empty.pdf")
    assert facts.problem is Problem.EMPTY
    assert "“empty.pdf”" in facts.sentence


def test_a_web_page_named_pdf_is_not_a_pdf(tmp_path):
    path = tmp_path / "portal.pdf"
    path.write_text("<!DOCTYPE html><title>Please log in</title>")
    facts = inspect(path, "portal.pdf")
    assert facts.problem is Problem.NOT_PDF
    assert "a web page" in facts.sentence


def test_garbage_behind_a_pdf_header_is_unreadable(tmp_path):
    path = tmp_path / "junk.pdf"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    facts = inspect(path, "junk.pdf")
    assert facts.problem is Problem.UNREADABLE
    assert "Ask the subcontractor" in facts.sentence


def test_a_truncated_pdf_is_repaired_and_says_so(tmp_path):
    facts = inspect(write_truncated(tmp_path / "cut.pdf"), "cut.pdf")
    assert facts.problem is None
    assert facts.repaired
    assert facts.pages > 0


def test_a_password_is_a_problem_an_empty_one_is_not(tmp_path):
    locked = inspect(write_encrypted(tmp_path / "locked.pdf", user="secret"), "locked.pdf")
    assert locked.problem is Problem.PASSWORD
    opened = inspect(write_encrypted(tmp_path / "open.pdf", user=""), "open.pdf")
    assert opened.problem is None
    assert opened.was_encrypted_with_empty_password


def test_a_page_standing_on_its_head_is_noticed(tmp_path):
    turned = inspect(write_pdf(tmp_path / "a.pdf", ["Hello"], rotate=180), "a.pdf")
    assert turned.upside_down_pages == 1
    sideways = inspect(write_pdf(tmp_path / "b.pdf", ["Hello"], rotate=90), "b.pdf")
    assert sideways.upside_down_pages == 0
    assert sideways.page_sizes == ((792, 612),)


@pytest.mark.parametrize("needs_rendering", [True, False])
def test_a_dynamic_form_is_named_as_such(tmp_path, needs_rendering):
    path = write_form(tmp_path / "f.pdf", "1", xfa=True, needs_rendering=needs_rendering)
    facts = inspect(path, "f.pdf")
    assert facts.problem is Problem.DYNAMIC_XFA
    assert "print it to PDF" in facts.sentence


@pytest.mark.parametrize(
    ("kind", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("HEIF", "image/heic")]
)
def test_a_picture_is_one_page(tmp_path, kind, media_type):
    facts = inspect(write_picture(tmp_path / "photo", kind), "photo")
    assert (facts.problem, facts.media_type, facts.pages) == (None, media_type, 1)


def test_each_frame_of_a_tiff_is_a_page(tmp_path):
    assert inspect(write_picture(tmp_path / "fax.tif", "TIFF", frames=3), "fax.tif").pages == 3


def test_a_cut_picture_is_unreadable(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.effect_noise((400, 400), 50).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:2000])
    assert inspect(path, "photo.jpg").problem is Problem.UNREADABLE


def test_a_file_over_the_limit_is_too_large(tmp_path):
    facts = inspect(write_pdf(tmp_path / "a.pdf"), "a.pdf", limits=Limits(size=100))
    assert facts.problem is Problem.TOO_LARGE
    pages = inspect(tmp_path / "a.pdf", "a.pdf", limits=Limits(pages=0))
    assert pages.problem is Problem.TOO_LARGE


def test_a_crash_of_the_child_is_a_failure_of_the_child_only():
    with pytest.raises(ChildFailed) as failed:
        run_limited(lambda: os.kill(os.getpid(), signal.SIGKILL) or {}, Limits())
    assert failed.value.why == "crashed"


def test_a_child_that_hangs_is_killed_in_time():
    started = time.monotonic()
    with pytest.raises(ChildFailed) as failed:
        run_limited(lambda: time.sleep(60) or {}, Limits(wall_seconds=0.3))
    assert failed.value.why == "too slow"
    assert time.monotonic() - started < 5


def test_a_child_that_computes_for_ever_is_stopped():
    def loop():
        while True:
            pass

    with pytest.raises(ChildFailed) as failed:
        run_limited(loop, Limits(cpu_seconds=1, wall_seconds=20))
    assert failed.value.why == "too slow"


def test_a_child_that_eats_memory_is_stopped():
    with pytest.raises(ChildFailed) as failed:
        run_limited(lambda: {"n": len(bytearray(1 << 30))}, Limits(memory=100 << 20))
    assert failed.value.why == "out of memory"


def test_a_child_that_writes_without_end_is_stopped(tmp_path):
    def write():
        (tmp_path / "big").write_bytes(bytes(1 << 20))
        return {}

    with pytest.raises(ChildFailed) as failed:
        run_limited(write, Limits(output=1000))
    assert failed.value.why == "output too large"


def test_the_answer_of_a_child_may_be_long():
    assert len(run_limited(lambda: {"text": "x" * 1_000_000}, Limits())["text"]) == 1_000_000


def test_somebody_waits_for_a_small_file_and_nobody_for_a_large_one():
    limits = Limits(wall_seconds=90)
    assert limits.seconds_for(0) == 15
    assert limits.seconds_for(20 << 20) == 25
    assert limits.seconds_for(1 << 40) == 90
    assert Limits(wall_seconds=1).seconds_for(1 << 30) == 1


def test_a_full_disk_is_not_the_files_fault(tmp_path):
    if not Path("/dev/full").exists():
        pytest.skip("this system has no disk that is always full")
    path = write_pdf(tmp_path / "a.pdf")
    answer = _make({"path": str(path), "media_type": "application/pdf", "made": "/dev/full"})
    assert answer == {"errno": errno.ENOSPC}


@pytest.mark.parametrize(
    "answer",
    [
        {"pages": "many"},
        {},
        {"refused": "so"},
        {"media_type": "a", "page_sizes": [1]},
        {"errno": "so"},
        {"errno": [28]},
    ],
)
def test_what_a_child_says_that_is_not_itself_any_more_is_not_believed(
    tmp_path, monkeypatch, answer
):
    file = write_pdf(tmp_path / "file.pdf", ["a page"])
    monkeypatch.setattr(intake, "make", lambda *_: SimpleNamespace(to_json=lambda: answer))
    limits = Limits(pages=1000 + len(str(answer)))

    facts = intake.make_fragment(file, "file.pdf", tmp_path / "made" / "f.pdf", limits=limits)

    assert facts.problem is Problem.UNREADABLE
    assert not (tmp_path / "made" / "f.pdf").exists()
