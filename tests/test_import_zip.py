"""A ZIP of a project comes in; one that could do harm, or is none, is refused in a sentence."""

import os
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa

from models import Attachment, Project, db
from services import storage
from services.importing import ImportRefused, import_project
from services.importing.unpacking import unpacked
from services.importing.zip_checks import ZipLimits
from tests.test_importing import EXAMPLE


@pytest.fixture
def packed(tmp_path):
    """The example in a folder in a ZIP, as people make them."""
    return Path(shutil.make_archive(tmp_path / "Library", "zip", EXAMPLE.parent, EXAMPLE.name))


def problems(path):
    with pytest.raises(ImportRefused) as refused:
        import_project(path)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Project)) == 0
    assert list(storage.work().iterdir()) == []
    return [str(problem) for problem in refused.value.problems]


def add(path, name, content=b"x", **values):
    member = zipfile.ZipInfo(name)
    for field, value in values.items():
        setattr(member, field, value)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(member, content)


def test_a_zip_of_a_project_folder_comes_in_and_leaves_nothing_behind(context, packed):
    imported = import_project(packed)
    assert (imported.number, len(imported.invoice_ids), imported.notes) == ("EX-1", 3, [])
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 3
    assert list(storage.work().iterdir()) == []


def test_a_zip_without_a_folder_around_comes_in(context, tmp_path):
    path = Path(shutil.make_archive(tmp_path / "flat", "zip", EXAMPLE))
    assert import_project(path).number == "EX-1"


def test_what_a_mac_adds_is_passed_over(context, packed):
    add(packed, "__MACOSX/example-project/._project.toml")
    add(packed, "example-project/.DS_Store")
    add(packed, "example-project/attachments/SC-001/1/.DS_Store")
    assert import_project(packed).number == "EX-1"


def test_backslashes_between_folders_are_understood(context, tmp_path):
    path = tmp_path / "old.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(EXAMPLE.rglob("*")):
            if file.is_file():
                name = str(file.relative_to(EXAMPLE)).replace("/", "\\")
                archive.writestr(name, file.read_bytes())
    assert import_project(path).number == "EX-1"


@pytest.mark.parametrize("is_flagged", [True, False])
def test_names_in_other_letters_arrive(context, packed, is_flagged):
    name = "example-project/attachments/SC-001/1/Façade – Übersicht.pdf"
    add(packed, name)
    if not is_flagged:
        # As the archive program of a Mac writes it: UTF-8 without the flag that says so.
        content = packed.read_bytes()
        for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = content.rindex(signature)
            flags = int.from_bytes(content[at + place : at + place + 2], "little") & ~0x800
            content = (
                content[: at + place] + flags.to_bytes(2, "little") + content[at + place + 2 :]
            )
        packed.write_bytes(content)
    import_project(packed)
    names = db.session.scalars(sa.select(Attachment.name)).all()
    assert "Façade – Übersicht.pdf" in names


@pytest.mark.parametrize(
    "name",
    ["../evil.csv", "example-project/../../evil.csv", "/etc/evil", "C:/evil", "..\\evil.csv"],
)
def test_a_name_that_leads_out_is_refused(context, packed, name):
    add(packed, name)
    assert problems(packed) == [
        f"Library.zip: {name}: the name leads out of the folder that the ZIP holds."
    ]
    assert not (packed.parent / "evil.csv").exists()


def test_a_link_is_refused(context, packed):
    mode = (stat.S_IFLNK | 0o777) << 16
    add(packed, "example-project/attachments/SC-001/1/link.pdf", b"/etc/passwd", external_attr=mode)
    assert problems(packed) == [
        "Library.zip: example-project/attachments/SC-001/1/link.pdf: this is a link; put the file "
        "itself into the ZIP."
    ]


def test_a_device_is_refused(context, packed):
    add(packed, "example-project/null", external_attr=(stat.S_IFCHR | 0o666) << 16)
    assert problems(packed) == ["Library.zip: example-project/null: this is not a regular file."]


def test_an_encrypted_member_is_refused(context, packed):
    content = packed.read_bytes()
    # The flag in the central directory is what readers go by.
    at = content.index(b"PK\x01\x02") + 8
    packed.write_bytes(content[:at] + bytes([content[at] | 1]) + content[at + 1 :])
    (found,) = problems(packed)
    assert found.endswith("the file is encrypted; make the ZIP without a password.")


def test_a_bomb_is_refused_before_it_is_unpacked(context, tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.pdf", b"\0" * 50_000_000)
    assert problems(path) == [
        "bomb.zip: zeros.pdf: it unpacks to more than 300 times its size; no honest file does."
    ]


def test_an_archive_beyond_the_limits_is_refused(context, packed):
    with pytest.raises(ImportRefused) as refused, unpacked(packed, ZipLimits(members=5, total=100)):
        pass
    first, second = map(str, refused.value.problems)
    assert first.startswith("Library.zip: it holds ")
    assert first.endswith("the limit is 5.")
    assert second.endswith("the limit is 100 bytes.")


def test_a_name_that_is_there_twice_is_refused(context, packed):
    with pytest.warns(UserWarning, match="Duplicate name"):
        add(packed, "example-project/contracts.csv")
    assert problems(packed) == [
        "Library.zip: example-project/contracts.csv: the name is there twice."
    ]


def test_a_file_that_is_a_folder_too_is_refused(context, packed):
    add(packed, "example-project/contracts.csv/more.csv")
    assert problems(packed) == [
        "Library.zip: example-project/contracts.csv/more.csv: the name is a file's and a folder's "
        "at once."
    ]


def test_a_name_too_long_for_a_disk_is_refused(context, packed):
    add(packed, "example-project/" + "n" * 300)
    (found,) = problems(packed)
    assert found.endswith("the name is longer than 255 bytes.")


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("at", [0, 7, 30])
def test_damage_is_named_however_the_file_was_packed(context, tmp_path, method, at):
    packed = tmp_path / "Library.zip"
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("project.toml", os.urandom(300))
    content = bytearray(packed.read_bytes())
    for place in range(42 + at, 48 + at):
        content[place] ^= 0xFF
    packed.write_bytes(content)
    assert problems(packed) == ["Library.zip: project.toml: the file is damaged in the ZIP."]


def test_a_damaged_workbook_is_refused_however_it_was_packed(context, tmp_path):
    book = tmp_path / "book.xlsx"
    with zipfile.ZipFile(book, "w", zipfile.ZIP_LZMA) as archive:
        for name in ("[Content_Types].xml", "xl/workbook.xml", "_rels/.rels"):
            archive.writestr(name, os.urandom(300))
    content = bytearray(book.read_bytes())
    for place in range(60, 120):
        content[place] ^= 0xFF
    book.write_bytes(content)
    with pytest.raises(ImportRefused):
        import_project(book)


def test_damage_is_named_with_the_file(context, packed):
    content = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as archive:
        member = archive.getinfo("example-project/contracts.csv")
    start = member.header_offset + 30 + len(member.filename)
    for at in range(start + 5, start + 40):
        content[at] ^= 0xFF
    packed.write_bytes(content)
    assert problems(packed) == [
        "Library.zip: example-project/contracts.csv: the file is damaged in the ZIP."
    ]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", os.urandom(200)])
def test_what_is_no_zip_is_refused(context, tmp_path, content):
    path = tmp_path / "none.zip"
    path.write_bytes(content)
    assert problems(path) == ["none.zip: this is no ZIP, or it is damaged."]


def test_mistakes_inside_are_named_as_in_a_folder(context, tmp_path):
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "folder"))
    (folder / "attachments" / "SC-9").mkdir()
    (folder / "attachments" / "SC-9" / "x.pdf").write_text("x")
    path = Path(shutil.make_archive(tmp_path / "Library", "zip", folder))
    assert problems(path) == [
        "attachments/SC-9: there is no contract of this number in contracts.csv."
    ]


def test_the_command_takes_a_zip(app, packed):
    result = app.test_cli_runner().invoke(args=["project", "import", str(packed)])
    assert (result.exit_code, result.stdout) == (0, "EX-1\n")


def test_files_csv_gives_names_order_and_what_is_left_out(context, tmp_path):
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "folder"))
    place = "attachments/SC-001/1"
    first, second, *_ = sorted(p.name for p in (folder / place).iterdir())
    (folder / "files.csv").write_text(
        f"path,name,left_out\n{place}/{second},Renamed.pdf,yes\n{place}/{first},,\n"
    )
    import_project(folder)
    rows = db.session.scalars(sa.select(Attachment).order_by(Attachment.id)).all()[:2]
    assert [(row.position, row.name, row.is_left_out) for row in rows] == [
        (1, "Renamed.pdf", True),
        (2, first, False),
    ]


def test_files_csv_names_only_files_of_invoices(context, tmp_path):
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "folder"))
    (folder / "files.csv").write_text("path\nproject.toml\nproject.toml\n")
    assert problems(folder) == [
        "files.csv, row 2, column path: there is no file of an invoice at this place.",
        "files.csv, row 3, column path: project.toml is listed twice; first in row 2.",
        "files.csv, row 3, column path: there is no file of an invoice at this place.",
    ]


def test_a_contract_may_name_the_folder_of_its_files(context, tmp_path):
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "folder"))
    path = folder / "contracts.csv"
    head, first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([f"{head},folder", f"{first},concrete", *[f"{r}," for r in rest]]))
    (folder / "attachments" / "SC-001").rename(folder / "attachments" / "concrete")
    assert import_project(folder).notes == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 3


@pytest.mark.parametrize("name", ["a/b", "..", ".hidden", "a:b", "x."])
def test_a_folder_is_one_name(context, tmp_path, name):
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "folder"))
    path = folder / "contracts.csv"
    head, first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([f"{head},folder", f"{first},{name}", *[f"{r}," for r in rest]]))
    expected = (
        f"contracts.csv, row 2, column folder: “{name}” does not serve as the name of a folder."
    )
    assert expected in problems(folder)
