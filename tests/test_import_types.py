"""Document types in a project folder."""

import shutil

import pytest
import sqlalchemy as sa

from models import Attachment, db
from services.importing import ImportRefused, import_project
from tests.test_importing import EXAMPLE


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(EXAMPLE, tmp_path / "project")


def attachment_paths(folder):
    found = (path for path in (folder / "attachments").rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def told(folder):
    import_project(folder)
    rows = db.session.scalars(sa.select(Attachment).order_by(Attachment.id))
    return {
        row.name: (row.document_type, row.is_type_confirmed, str(row.expires or "")) for row in rows
    }


def test_a_folder_says_what_files_are_and_until_when(context, folder):
    paths = attachment_paths(folder)[:2]
    (folder / "document_types.csv").write_text("code,name\nbond,Payment bond\n")
    (folder / "files.csv").write_text(
        "path,name,document_type,type_confirmed,expires\n"
        f"{paths[0]},a.pdf,bond,,2026-12-31\n{paths[1]},b.pdf,insurance_certificate,no,\n"
    )
    found = told(folder)
    assert found["a.pdf"] == ("bond", True, "2026-12-31")
    assert found["b.pdf"] == ("insurance_certificate", False, "")


def test_a_folder_that_says_nothing_is_guessed_and_never_taken_for_confirmed(context, folder):
    [path, other, *_] = attachment_paths(folder)
    (folder / path).rename((folder / path).with_name("Payment bond.pdf"))
    (folder / other).rename((folder / other).with_name("Lien waiver.pdf"))
    (folder / "document_types.csv").write_text("code,name\nbond,Payment bond\n")
    found = told(folder)
    assert found["Payment bond.pdf"] == ("bond", False, "")
    assert found["Lien waiver.pdf"] == ("conditional_waiver", False, "")


@pytest.mark.parametrize(
    ("types", "files", "sentence"),
    [
        ("", "insurence_certificate", "no document type “insurence_certificate”; is insurance"),
        ("", "zzz", "no document type “zzz”; own ones are in document_types.csv."),
        ("code,name\nphoto,X\n", "", "“photo” is not a code like waste_manifest"),
        ("code,name\nX y,X\n", "", "“X y” is not a code like waste_manifest"),
        ("code,name\nx,PHOTOS\n", "", "there is a document type “PHOTOS” already."),
        ("code,name\nx,A\ny,a\n", "", "there is a document type “a” already."),
        ("code,name\nx,A\nx,B\n", "", "document type x is listed twice; first in row 2."),
    ],
)
def test_a_type_that_nobody_would_find_is_refused(context, folder, types, files, sentence):
    if types:
        (folder / "document_types.csv").write_text(types)
    if files:
        path = attachment_paths(folder)[0]
        (folder / "files.csv").write_text(f"path,document_type\n{path},{files}\n")
    with pytest.raises(ImportRefused) as refused:
        import_project(folder)
    [problem] = refused.value.problems
    assert sentence in str(problem.message)
