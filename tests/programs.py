"""The product's programs as processes of their own, without the second or two of their imports.

A server process per test session has imported what they need and forks for each start, with the
environment, arguments and files that a shell would give. What starts from nothing is tested in
test_supervisor.py.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import flask.cli
import gunicorn.app.wsgiapp
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.orm import configure_mappers

import worker
from app import create_app
from tests.routing import compile_addresses_once

ROOT = Path(__file__).parent.parent
_MAINS = {
    "worker.py": worker.main,
    "gunicorn": gunicorn.app.wsgiapp.run,
    "flask": flask.cli.main,
}
#: A folder of compiled templates; all programs, and the tests themselves, show the same pages.
compiled_templates = None


def _prepare():
    """What each of them would do anew: all models, and the addresses of all pages."""
    configure_mappers()
    compile_addresses_once()
    with tempfile.TemporaryDirectory() as folder:
        create_app({"DATA_DIR": Path(folder), "SECRET_KEY": "none"}).extensions["redis"].close()


_prepare()
_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload([__name__])


class Program:
    """A started program, with what its users need of `subprocess.Popen`."""

    def __init__(self, command, environment, *, stdout=None, stderr=None):
        arguments = (command, environment, str(stdout or ""), str(stderr or ""), compiled_templates)
        self._process = _forks.Process(target=_run, args=arguments)
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self):
        return self._process.exitcode

    def terminate(self):
        self._process.terminate()

    def wait(self, seconds=None):
        self._process.join(seconds)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds)
        return self.returncode


def run(command, environment, *, seconds=120):
    """Run it to its end; the answer is that of `subprocess.run` with captured text."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        program = Program(command, environment, stdout=out, stderr=err)
        try:
            code = program.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(program.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(command, code, out.read_text(), err.read_text())


def _run(command, environment, stdout, stderr, templates):
    os.setsid()
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((stdout, 1), (stderr, 2)):
        if path:
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    warnings.simplefilter("error", ResourceWarning)
    if templates:
        flask.Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(templates)}
    sys.argv = list(command)
    _MAINS[command[0]]()
