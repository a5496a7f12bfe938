"""Documents of word processors and spreadsheets become PDF, where LibreOffice is installed."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from binder import launcher
from binder.limits import Limits

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
#: Endings by media type. The ending only helps LibreOffice to choose its reader.
ENDINGS = {
    "application/msword": "doc",
    "application/vnd.ms-excel": "xls",
    "application/vnd.ms-powerpoint": "ppt",
    "application/rtf": "rtf",
    f"{_OPEN_XML}wordprocessingml.document": "docx",
    f"{_OPEN_XML}spreadsheetml.sheet": "xlsx",
    f"{_OPEN_XML}presentationml.presentation": "pptx",
    f"{_OPEN_DOCUMENT}text": "odt",
    f"{_OPEN_DOCUMENT}spreadsheet": "ods",
    f"{_OPEN_DOCUMENT}presentation": "odp",
}
#: What LibreOffice maps before it has opened anything, in bytes of address space.
_OWN_MEMORY = 1 << 30
#: What it reads besides its own folder and what every program does.
_READS = (
    *("/etc/libreoffice", "/var/lib/libreoffice", "/var/spool/libreoffice"),
    *("/var/cache/fontconfig", "/usr/local/share/fonts", "/proc/meminfo", "/proc/cpuinfo"),
)
#: It ends with this code when a new profile has been laid out and it wants to be started again.
_START_AGAIN = 81
#: Larger than any sensible PDF of an office document.
_LARGEST = 512 << 20
_SETTINGS = (
    # No macro runs, whoever signed it, and no link to another file or address is followed.
    ("Common/Security/Scripting", "DisableMacrosExecution", "true"),
    ("Common/Security/Scripting", "MacroSecurityLevel", "3"),
    ("Common/Security/Scripting", "BlockUntrustedRefererLinks", "true"),
    ("Common/Security/Scripting", "DisableActiveContent", "true"),
    ("Writer/Content/Update", "Link", "0"),
    ("Calc/Content/Update", "Link", "1"),
)


def to_pdf(soffice: Path, path: Path, media_type: str, dest: Path, limits: Limits) -> bool:
    """Write the PDF of the office document at `path` to `dest`; False when `soffice` cannot.

    In a process of its own under `limits`, with a profile of its own, without network and macros,
    that reads nothing but the document and its own installation, and writes into a folder of its
    own.
    """
    with TemporaryDirectory(prefix="drawpack-office-") as folder:
        home = Path(folder)
        document = home / f"document.{ENDINGS[media_type]}"
        shutil.copyfile(path, document)
        _write_profile(home / "profile")
        for _ in range(2):
            code = _run(soffice, document, home, limits)
            if code != _START_AGAIN:
                break
        made = document.with_suffix(".pdf")
        if code != 0 or not made.exists():
            return False
        shutil.move(made, dest)
    return True


def program_of(soffice: Path) -> Path:
    """The program itself: what is on the PATH is a script that starts it and waits."""
    program = soffice.resolve().with_name("soffice.bin")
    return program if program.exists() else soffice


def _parts_of(program: Path) -> tuple[str, ...]:
    """The folders that an installation consists of: /opt/libreoffice24.8 of …/program/soffice."""
    whole = program.parent.parent
    is_installation = program.parent.name == "program" and whole != whole.parent
    return (str(whole) if is_installation else str(program), *_READS)


def _run(soffice: Path, document: Path, home: Path, limits: Limits) -> int:
    program = program_of(soffice)
    command = [
        sys.executable,
        "-I",
        "-S",
        launcher.__file__,
        str(limits.cpu_seconds),
        str(limits.memory + _OWN_MEMORY),
        str(min(limits.output, _LARGEST)),
        str(home),
        ":".join(_parts_of(program)),
        str(program),
        # Where it listens for a second one of itself, now that /tmp is closed; a short name, for
        # that of a socket may have 107 characters.
        "-env:OSL_SOCKET_PATH=.",
        f"-env:UserInstallation={(home / 'profile').as_uri()}",
        *("--headless", "--nologo", "--nodefault", "--norestore", "--nolockcheck"),
        *("--convert-to", "pdf", "--outdir", str(home), str(document)),
    ]
    process = subprocess.Popen(  # noqa: S603 - no shell, and all arguments are ours
        command,
        cwd=home,
        # Nothing of our environment, which may hold secrets.
        env={"HOME": str(home), "TMPDIR": str(home), "LANG": "C.UTF-8", "PATH": os.defpath,
             "SAL_USE_VCLPLUGIN": "svp"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )  # fmt: skip
    try:
        return process.wait(limits.wall_seconds)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _write_profile(profile: Path) -> None:
    items = "".join(
        f'<item oor:path="/org.openoffice.Office.{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry">'
        f"{items}</oor:items>\n",
        encoding="utf-8",
    )
