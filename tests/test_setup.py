"""`bin/setup` on machines that lack something."""

import shutil
import subprocess

import pytest

from tests.conftest import ROOT

TOOLS = ("dirname", "cmp", "cp", "rm", "df", "awk", "cat", "mkdir")


@pytest.fixture
def machine(tmp_path):
    """A machine with the usual tools and no Python."""
    (tmp_path / "path").mkdir()
    for tool in TOOLS:
        (tmp_path / "path" / tool).symlink_to(shutil.which(tool))
    (tmp_path / "drawpack" / "bin").mkdir(parents=True)
    shutil.copy(ROOT / "bin" / "setup", tmp_path / "drawpack" / "bin")
    (tmp_path / "drawpack" / "requirements.txt").write_text("flask==3.1.3\n")
    return tmp_path


def add_python(machine, name, script):
    python = machine / "path" / name
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)


def setup(machine):
    answer = subprocess.run(
        ["/bin/sh", "bin/setup", "requirements.txt"],
        cwd=machine / "drawpack",
        env={"PATH": str(machine / "path")},
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.returncode, answer.stderr


def test_without_python_the_line_to_type_is_given(machine):
    code, error = setup(machine)

    assert code == 1
    assert error.startswith("Drawpack needs Python 3.11 or newer and found none. Debian, Ubuntu: ")
    assert error.count("\n") == 1


def test_an_old_python_is_none(machine):
    add_python(machine, "python3", 'case "$2" in *version_info*) exit 1;; esac')

    assert setup(machine)[1].startswith("Drawpack needs Python 3.11 or newer and found none.")


def test_without_venv_the_package_is_named_after_the_python(machine):
    add_python(machine, "python3.12", 'case "$2" in *ensurepip*) exit 1;; esac')

    code, error = setup(machine)

    assert code == 1
    assert error.endswith(
        "which python3.12 lacks. Debian, Ubuntu: sudo apt install python3.12-venv\n"
    )


def add_environment(machine, script):
    folder = machine / "drawpack/.venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/python").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "bin/python").chmod(0o755)
    return folder


def test_libraries_that_cannot_be_installed_are_not_taken_for_installed(machine):
    environment = add_environment(machine, 'case "$*" in *install*) exit 1;; esac')

    code, error = setup(machine)

    assert code == 1
    assert error.endswith("Is there a network?\n")
    assert not (environment / "requirements.txt").exists()


def test_what_is_installed_is_not_installed_again(machine):
    environment = add_environment(machine, 'case "$*" in *pip*) exit 1;; esac')
    shutil.copy(machine / "drawpack/requirements.txt", environment)

    assert setup(machine) == (0, "")


def test_a_changed_list_is_installed(machine):
    environment = add_environment(machine, "exit 0")
    (environment / "requirements.txt").write_text("flask==3.1.2\n")

    assert setup(machine) == (0, "")
    assert (environment / "requirements.txt").read_text() == "flask==3.1.3\n"
