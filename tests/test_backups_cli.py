"""`flask backup …` as a process of its own, with no Redis to reach."""

import json
from hashlib import sha256
from pathlib import Path

import pypdf
import pytest

from models import db
from tests import programs
from tests.backup_rows import add_invoice, make_pdf, make_tower
from tests.conftest import free_port
from tests.factories import make_attachment, make_contract
from tests.pdfs import write_truncated


@pytest.fixture
def project(app):
    with app.app_context():
        project = make_tower()
        ten = make_contract(project, number="SC-10")
        add_invoice(project, "", contract=ten)
        add_invoice(project, "", contract=ten, position=2)
        add_invoice(project, "SC-2")
        db.session.commit()
        yield project
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def flask(project, environment):
    """Run a command; its answer has returncode, stdout and stderr."""
    environment |= {"DRAWPACK_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}

    def run(*words):
        db.session.commit()
        return programs.run(["flask", "backup", *words], environment)

    return run


def test_compile_prints_the_path_last_and_puts_the_manifest_beside_it(flask):
    answer = flask("compile", "24-017")

    assert answer.returncode == 0, answer.stderr
    pdf = Path(answer.stdout.splitlines()[-1])
    assert pdf.name.startswith("Subcontractor invoice backup - Harbor Tower - 24-017 - ")
    manifest = json.loads(pdf.with_suffix(".json").read_text())
    assert [(e["contract"], e["position"]) for e in manifest["entries"]] == [
        ("SC-2", 1),
        ("SC-10", 1),
        ("SC-10", 2),
    ]
    assert manifest["pages"] == len(pypdf.PdfReader(pdf).pages)
    assert manifest["sha256"] == sha256(pdf.read_bytes()).hexdigest()
    assert "3 invoices of 2 contracts" in answer.stderr


def test_contracts_are_chosen_by_number(flask):
    answer = flask("compile", "24-017", "--contract", "SC-10")
    assert answer.returncode == 0, answer.stderr
    manifest = json.loads(Path(answer.stdout.splitlines()[-1]).with_suffix(".json").read_text())
    assert {entry["contract"] for entry in manifest["entries"]} == {"SC-10"}


def test_out_gets_copies_of_both_files(flask, tmp_path):
    answer = flask("compile", "24-017", "--out", str(tmp_path / "new" / "folder"))
    assert answer.returncode == 0, answer.stderr
    pdf = Path(answer.stdout.splitlines()[-1])
    assert sorted(pdf.parent.iterdir()) == [pdf.with_suffix(".json"), pdf]
    assert pdf.parent == tmp_path / "new" / "folder"
    assert pdf.stat().st_nlink == 1


def test_an_out_that_is_a_file_is_said_before_the_work(flask, tmp_path):
    (tmp_path / "taken").write_text("")
    answer = flask("compile", "24-017", "--out", str(tmp_path / "taken" / "in"))
    assert answer.returncode == 1
    assert "taken" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_blocked_compile_exits_with_2_and_names_the_findings(flask, project, tmp_path):
    invoice = add_invoice(project, "SC-3")
    broken = write_truncated(tmp_path / "broken.pdf").read_bytes()[:300]
    make_attachment(invoice, broken, name="broken.pdf")

    answer = flask("compile", "24-017")

    assert answer.returncode == 2
    assert "broken.pdf" in answer.stderr
    assert "BLOCKING" in answer.stderr
    assert not answer.stdout


def test_a_left_out_file_lets_the_compile_pass_and_is_in_the_manifest(flask, project, tmp_path):
    invoice = add_invoice(project, "SC-3")
    broken = write_truncated(tmp_path / "broken.pdf").read_bytes()[:300]
    make_attachment(invoice, broken, name="broken.pdf", is_left_out=True)

    answer = flask("compile", "24-017", "--contract", "SC-3")

    assert answer.returncode == 0, answer.stderr
    manifest = json.loads(Path(answer.stdout.splitlines()[-1]).with_suffix(".json").read_text())
    [row] = manifest["left_out"]
    assert (row["contract"], row["position"], row["name"]) == ("SC-3", 1, "broken.pdf")
    assert "damaged" in row["reason"]


@pytest.mark.parametrize("command", ["preflight", "compile"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["99-999"], "There is no project “99-999”."),
        (["24-017", "--contract", "SC-77"], "The project has no contract “SC-77”."),
    ],
)
def test_what_is_unknown_is_one_sentence(flask, command, words, sentence):
    answer = flask(command, *words)
    assert answer.returncode == 1
    assert answer.stderr.strip() == f"Error: {sentence}"


def test_preflight_prints_json_for_programs(flask, project, tmp_path):
    invoice = add_invoice(project, "SC-3")
    invoice.period_id = None
    make_attachment(invoice, b"a,b\n", name="quantities.csv")

    answer = flask("preflight", "24-017", "--contract", "SC-3", "--json")

    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert sorted(found) == ["blocking", "notes", "warnings"]
    [row] = found["blocking"]
    assert sorted(row) == ["code", "contract", "file", "invoice", "message", "period"]
    assert (row["code"], row["contract"]) == ("no_period", "SC-3")
    assert [w["file"] for w in found["warnings"] if w["code"] == "not_pdf"] == ["quantities.csv"]


def test_preflight_looks_into_new_files_and_says_what_is_ready(flask, project, tmp_path):
    make_attachment(add_invoice(project, "SC-3"), make_pdf(tmp_path, "x"), name="x.pdf")
    answer = flask("preflight", "24-017")
    assert answer.returncode == 0, answer.stderr
    assert "has not been checked" not in answer.stdout
    assert answer.stdout.splitlines()[-1].startswith("4 invoices of 3 contracts, about ")


def test_since_compiles_an_addendum_to_an_earlier_backup(flask):
    assert flask("compile", "24-017", "--contract", "SC-10").returncode == 0
    answer = flask("compile", "24-017", "--since", "1")
    assert answer.returncode == 0, answer.stderr
    pdf = Path(answer.stdout.splitlines()[-1])
    assert ", addendum to backup 1 - " in pdf.name
    manifest = json.loads(pdf.with_suffix(".json").read_text())
    assert [(e["contract"], e["mark"]) for e in manifest["entries"]] == [("SC-2", "new")]
    answer = flask("compile", "24-017", "--since", "2")
    assert answer.returncode == 1
    assert "Nothing is new or changed since backup 2, so nothing was queued." in answer.stderr


def test_a_word_too_many_is_told_apart_from_a_refusal(flask):
    answer = flask("compile", "24-017", "--bogus")

    assert answer.returncode == 64
    assert "No such option '--bogus'" in answer.stderr
